#include "CDNNL.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libgomp's interface: Debian's oneDNN runs on it, and the thread count is a property of the calling thread.
extern void omp_set_num_threads(int);
extern int omp_get_max_threads(void);

struct CDNNL_Convolution {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_memory_t source, weights, bias, destination, scratch;
  size_t scratch_size;
  int threads;
  char kernel[64];
};

static bool is(dnnl_status_t status) { return status == dnnl_success; }

static bool layout(dnnl_memory_desc_t *md, int n, int c, int h, int w, int block, bool plain) {
  const dnnl_dims_t dims = {n, c, h, w};
  dnnl_format_tag_t tag = plain ? dnnl_nchw : block == 16 ? dnnl_nChw16c : dnnl_nChw8c;
  return is(dnnl_memory_desc_init_by_tag(md, 4, dims, dnnl_f32, tag));
}

/// Moves weights from OIHW into the order that the primitive wants.
static bool reorder(CDNNL_Convolution *c, const dnnl_memory_desc_t *from, const float *values, dnnl_memory_t to) {
  dnnl_memory_t source = NULL;
  dnnl_primitive_desc_t pd = NULL;
  dnnl_primitive_t primitive = NULL;
  const dnnl_memory_desc_t *target = NULL;
  bool ok = is(dnnl_memory_create(&source, from, c->engine, (void *)values))
            && is(dnnl_memory_get_memory_desc(to, &target))
            && is(dnnl_reorder_primitive_desc_create(&pd, from, c->engine, target, c->engine, NULL))
            && is(dnnl_primitive_create(&primitive, pd));
  if (ok) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, to}};
    ok = is(dnnl_primitive_execute(primitive, c->stream, 2, arguments)) && is(dnnl_stream_wait(c->stream));
  }
  dnnl_primitive_destroy(primitive);
  dnnl_primitive_desc_destroy(pd);
  dnnl_memory_destroy(source);
  return ok;
}

static dnnl_primitive_attr_t attributes(const CDNNL_ConvolutionParameters *p) {
  dnnl_primitive_attr_t attr = NULL;
  dnnl_post_ops_t ops = NULL;
  bool ok = is(dnnl_primitive_attr_create(&attr)) && is(dnnl_post_ops_create(&ops))
            && is(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user))
            && (!p->accumulate || is(dnnl_post_ops_append_sum(ops, 1)))
            && (!p->relu || is(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0)))
            && is(dnnl_primitive_attr_set_post_ops(attr, ops));
  dnnl_post_ops_destroy(ops);
  if (ok) return attr;
  dnnl_primitive_attr_destroy(attr);
  return NULL;
}

static bool plan(
    CDNNL_Convolution *c, const CDNNL_ConvolutionParameters *p, const float *weights, const float *bias) {
  const dnnl_dims_t weight_dims = {p->outputChannels, p->inputChannels, p->kernelHeight, p->kernelWidth};
  const dnnl_dims_t bias_dims = {p->outputChannels};
  const dnnl_dims_t strides = {p->strideY, p->strideX}, dilation = {0, 0};
  const dnnl_dims_t before = {p->paddingTop, p->paddingLeft}, after = {p->paddingBottom, p->paddingRight};
  dnnl_memory_desc_t source, destination, any, given, bias_md;
  bool ok =
      layout(&source, p->batch, p->inputChannels, p->inputHeight, p->inputWidth, p->block, p->plainInput)
      && layout(&destination, p->batch, p->outputChannels, p->outputHeight, p->outputWidth, p->block, false)
      && is(dnnl_memory_desc_init_by_tag(&any, 4, weight_dims, dnnl_f32, dnnl_format_tag_any))
      && is(dnnl_memory_desc_init_by_tag(&given, 4, weight_dims, dnnl_f32, dnnl_oihw))
      && is(dnnl_memory_desc_init_by_tag(&bias_md, 1, bias_dims, dnnl_f32, dnnl_a));
  dnnl_convolution_desc_t operation;
  dnnl_alg_kind_t algorithm =
      p->algorithm == CDNNL_WINOGRAD ? dnnl_convolution_winograd : dnnl_convolution_direct;
  ok = ok
       && is(dnnl_dilated_convolution_forward_desc_init(
           &operation, dnnl_forward_inference, algorithm, &source, &any, &bias_md, &destination, strides,
           dilation, before, after));
  dnnl_primitive_attr_t attr = ok ? attributes(p) : NULL;
  dnnl_primitive_desc_t pd = NULL;
  ok = ok && attr && is(dnnl_primitive_desc_create(&pd, &operation, attr, c->engine, NULL));
  const char *name = NULL;
  ok = ok && is(dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, (void *)&name));
  if (ok) {
    snprintf(c->kernel, sizeof c->kernel, "%s", name);
    const dnnl_memory_desc_t *weight_md = dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0);
    const dnnl_memory_desc_t *scratch_md = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    c->scratch_size = scratch_md ? dnnl_memory_desc_get_size(scratch_md) : 0;
    void *copy = NULL;
    ok = is(dnnl_memory_create(&c->source, &source, c->engine, DNNL_MEMORY_NONE))
         && is(dnnl_memory_create(&c->destination, &destination, c->engine, DNNL_MEMORY_NONE))
         && is(dnnl_memory_create(&c->scratch, scratch_md, c->engine, DNNL_MEMORY_NONE))
         && is(dnnl_memory_create(&c->weights, weight_md, c->engine, DNNL_MEMORY_ALLOCATE))
         && is(dnnl_memory_create(&c->bias, &bias_md, c->engine, DNNL_MEMORY_ALLOCATE))
         && reorder(c, &given, weights, c->weights) && is(dnnl_memory_get_data_handle(c->bias, &copy));
    if (ok) memcpy(copy, bias, sizeof(float) * (size_t)p->outputChannels);
    ok = ok && is(dnnl_primitive_create(&c->primitive, pd));
  }
  dnnl_primitive_desc_destroy(pd);
  dnnl_primitive_attr_destroy(attr);
  return ok;
}

CDNNL_Convolution *CDNNL_convolution_create(
    const CDNNL_ConvolutionParameters *parameters, const float *weights, const float *bias) {
  CDNNL_Convolution *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->threads = parameters->threads;
  const int before = omp_get_max_threads();
  omp_set_num_threads(c->threads);
  bool ok = is(dnnl_engine_create(&c->engine, dnnl_cpu, 0))
            && is(dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags))
            && plan(c, parameters, weights, bias);
  omp_set_num_threads(before);
  if (ok) return c;
  CDNNL_convolution_destroy(c);
  return NULL;
}

void CDNNL_convolution_destroy(CDNNL_Convolution *c) {
  if (!c) return;
  dnnl_primitive_destroy(c->primitive);
  dnnl_memory_destroy(c->source);
  dnnl_memory_destroy(c->weights);
  dnnl_memory_destroy(c->bias);
  dnnl_memory_destroy(c->destination);
  dnnl_memory_destroy(c->scratch);
  dnnl_stream_destroy(c->stream);
  dnnl_engine_destroy(c->engine);
  free(c);
}

size_t CDNNL_convolution_scratch(const CDNNL_Convolution *c) { return c->scratch_size; }
const char *CDNNL_convolution_kernel(const CDNNL_Convolution *c) { return c->kernel; }

int CDNNL_convolution_run(CDNNL_Convolution *c, const float *source, float *destination, void *scratch) {
  dnnl_memory_set_data_handle_v2(c->source, (void *)source, c->stream);
  dnnl_memory_set_data_handle_v2(c->destination, destination, c->stream);
  dnnl_memory_set_data_handle_v2(c->scratch, scratch, c->stream);
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, c->source},
      {DNNL_ARG_WEIGHTS, c->weights},
      {DNNL_ARG_BIAS, c->bias},
      {DNNL_ARG_DST, c->destination},
      {DNNL_ARG_SCRATCHPAD, c->scratch}};
  const int before = omp_get_max_threads();
  omp_set_num_threads(c->threads);
  dnnl_status_t status = dnnl_primitive_execute(c->primitive, c->stream, 5, arguments);
  if (status == dnnl_success) status = dnnl_stream_wait(c->stream);
  omp_set_num_threads(before);
  return (int)status;
}

const char *CDNNL_version(void) {
  static _Thread_local char text[32];
  const dnnl_version_t *v = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
  return text;
}

int CDNNL_instruction_set(void) { return (int)dnnl_get_effective_cpu_isa(); }
