/* Uses every function of vectorindex.h, errors included: use FOLDER, in which it may write. C11, and C++17. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vectorindex.h>

#define DIMENSION 16
#define COUNT 600
#define BIG 4000

static int failures = 0;

#define EXPECT(condition) \
  do { \
    if (!(condition)) { \
      failures++; \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
    } \
  } while (0)

/* The call gives this status, and a message unless it is VI_OK. */
#define GIVES(expected, call) \
  do { \
    vi_error error; \
    memset(&error, 1, sizeof error); \
    vi_status status = call; \
    if (status != (expected) || error.status != status || (status == VI_OK) != (error.message[0] == 0)) { \
      failures++; \
      fprintf(stderr, "%s:%d: %s gave %s: %s\n", __FILE__, __LINE__, #call, vi_status_name(status), error.message); \
    } \
  } while (0)

static uint64_t state = 7;

static float noise(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (float)(state >> 40) / (float)(1 << 23) - 1;
}

static float *vectors_of(int64_t count) {
  float *rows = (float *)malloc((size_t)count * DIMENSION * sizeof(float));
  if (!rows) abort();
  for (int64_t i = 0; i < count * DIMENSION; i++) rows[i] = noise();
  return rows;
}

static vi_configuration configuration_of(int32_t metric) {
  vi_configuration c;
  memset(&c, 0, sizeof c);
  c.size = sizeof c;
  c.metric = metric;
  c.dimension = DIMENSION;
  c.seed = 1;
  return c;
}

static vi_search_options no_options(void) {
  vi_search_options o;
  memset(&o, 0, sizeof o);
  o.size = sizeof o;
  return o;
}

static int32_t even(uint64_t key, void *context) {
  ++*(int *)context;
  return key % 2 == 0;
}

static uint64_t by_ten(uint64_t key, void *context) {
  (void)context;
  return key / 10;
}

/* An index and what a callback got when it changed it. */
struct changer {
  vi_index *index;
  vi_status add, save, search;
};

static int32_t changing(uint64_t key, void *context) {
  struct changer *c = (struct changer *)context;
  float row[DIMENSION] = {1};
  uint64_t other = 1 << 20, found;
  (void)key;
  c->add = vi_add(c->index, row, 1, &other, 1, NULL);
  c->save = vi_save(c->index, "/dev/null/none", NULL, 0, NULL);
  c->search = vi_search(c->index, row, 1, 1, NULL, &found, NULL, NULL, NULL);
  return 1;
}

static double product(const float *a, const float *b) {
  double sum = 0;
  for (int i = 0; i < DIMENSION; i++) sum += (double)a[i] * b[i];
  return sum;
}

/* Best score by definition. */
static double best(const float *rows, int64_t count, const float *query, int32_t metric, uint64_t *key) {
  double winner = 0;
  for (int64_t i = 0; i < count; i++) {
    const float *row = rows + i * DIMENSION;
    double qx = product(query, row), score = qx;
    if (metric == VI_METRIC_COSINE) score = qx / sqrt(product(query, query) * product(row, row));
    if (metric == VI_METRIC_SQUARED_DISTANCE) score = product(query, query) + product(row, row) - 2 * qx;
    if (i == 0 || (metric == VI_METRIC_SQUARED_DISTANCE ? score < winner : score > winner)) {
      winner = score;
      *key = (uint64_t)i;
    }
  }
  return winner;
}

static void searches(int32_t metric) {
  vi_configuration c = configuration_of(metric);
  vi_index *index = NULL;
  GIVES(VI_OK, vi_create(&c, &index, &error));
  float *rows = vectors_of(BIG), *queries = vectors_of(50);
  uint64_t *keys = (uint64_t *)malloc(BIG * sizeof *keys);
  for (int i = 0; i < BIG; i++) keys[i] = (uint64_t)i;
  GIVES(VI_OK, vi_reserve(index, BIG, &error));
  GIVES(VI_OK, vi_add(index, rows, BIG, keys, 0, &error));
  enum { K = 5 };
  uint64_t found[50 * K];
  float scores[50 * K];
  vi_answer answers[50];
  vi_search_options o = no_options();
  o.plan = VI_PLAN_GRAPH;
  o.ef = 200;
  o.threads = 2;
  int right = 0;
  for (int round = 0; round < 2; round++) {
    GIVES(VI_OK, vi_search(index, queries, 50, K, &o, found, scores, answers, &error));
    for (int q = 0; q < 50; q++) {
      uint64_t key = 0;
      double score = best(rows, BIG, queries + q * DIMENSION, metric, &key);
      int same = found[q * K] == key && fabs(scores[q * K] - score) < 1e-4;
      right += same;
      EXPECT(answers[q].count == K);
      EXPECT(answers[q].answered_by == (round ? VI_BY_EXACT_AS_ASKED : VI_BY_GRAPH));
      if (round) EXPECT(same && answers[q].expected_recall == 1);
      for (int i = 1; i < K; i++) {
        float a = scores[q * K + i - 1], b = scores[q * K + i];
        EXPECT(metric == VI_METRIC_SQUARED_DISTANCE ? a <= b : a >= b);
      }
    }
    o.plan = VI_PLAN_EXACT;
    o.ef = 0;
  }
  EXPECT(right >= 95);
  /* All at least as good as the fourth best are four; a smaller capacity gets the best of them. */
  vi_answer answer;
  GIVES(VI_OK, vi_range(index, queries, scores[3], &o, found, NULL, 2, &answer, &error));
  EXPECT(answer.count == 4);
  GIVES(VI_OK, vi_range(index, queries, scores[3], NULL, NULL, NULL, 0, &answer, &error));
  o.has_minimum_score = 1;
  o.minimum_score = scores[3];
  uint64_t within[10];
  float nothing[10];
  GIVES(VI_OK, vi_search(index, queries, 1, 10, &o, within, nothing, &answer, &error));
  EXPECT(answer.count == 4 && within[3] == found[3] && within[4] == VI_NO_KEY && isnan(nothing[4]));
  GIVES(VI_INVALID_ARGUMENT, vi_range(index, queries, 0, &o, found, NULL, 2, &answer, &error));
  vi_recall report;
  GIVES(VI_OK, vi_tune(index, 0.9, 10, &report, &error));
  EXPECT(report.recall >= 0.85 && report.queries == 400 && report.k == 10 && report.ef >= 10);
  GIVES(VI_OK, vi_tune(index, 0.5, 0, NULL, &error));
  GIVES(VI_OK, vi_measure_recall(index, 50, 5, 300, &report, &error));
  EXPECT(report.recall > 0.9 && report.queries == 50 && report.k == 5 && report.ef == 300);
  o = no_options();
  o.recall = 0.9;
  GIVES(VI_OK, vi_search(index, queries, 1, K, &o, found, scores, &answer, &error));
  EXPECT(answer.expected_recall > 0.8);
  GIVES(VI_OK, vi_check(index, &error));
  GIVES(VI_OK, vi_close(index, &error));
  free(rows);
  free(queries);
  free(keys);
}

static void filters(vi_index *index, const float *query) {
  uint64_t found[COUNT];
  float scores[COUNT];
  vi_answer answer;
  int asked = 0;
  vi_search_options o = no_options();
  o.filter = even;
  o.filter_context = &asked;
  GIVES(VI_OK, vi_search(index, query, 1, 20, &o, found, scores, &answer, &error));
  EXPECT(answer.count == 20 && asked >= 20);
  for (int i = 0; i < 20; i++) EXPECT(found[i] % 2 == 0);

  o = no_options();
  uint64_t allowed[] = {3, 5, 8, 100000};
  o.allowed_keys = allowed;
  o.allowed_count = 4;
  GIVES(VI_OK, vi_search(index, query, 1, 5, &o, found, scores, &answer, &error));
  EXPECT(answer.count == 3 && found[3] == VI_NO_KEY && isnan(scores[3]) && isnan(scores[4]));
  EXPECT(found[0] + found[1] + found[2] == 16);
  uint8_t bits[2] = {1 << 3 | 1 << 7, 1};
  o.allowed_bits = bits;
  o.allowed_bytes = 2;
  GIVES(VI_OK, vi_search(index, query, 1, 5, &o, found, NULL, &answer, &error));
  EXPECT(answer.count == 2 && found[0] + found[1] == 11);
  o.filter = even;
  o.filter_context = &asked;
  GIVES(VI_OK, vi_search(index, query, 1, 5, &o, found, scores, &answer, &error));
  EXPECT(answer.count == 1 && found[0] == 8);
  o = no_options();
  o.allowed_keys = allowed;
  GIVES(VI_OK, vi_search(index, query, 1, 5, &o, found, scores, &answer, &error));
  EXPECT(answer.count == 0);
  uint64_t unordered[] = {5, 3}, twice[] = {3, 3};
  o.allowed_keys = unordered;
  o.allowed_count = 2;
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 5, &o, found, scores, NULL, &error));
  o.allowed_keys = twice;
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 5, &o, found, scores, NULL, &error));
  o.allowed_keys = NULL;
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 5, &o, found, scores, NULL, &error));

  o = no_options();
  o.group_by = by_ten;
  GIVES(VI_OK, vi_search(index, query, 1, 30, &o, found, scores, &answer, &error));
  EXPECT(answer.count == 30);
  uint8_t seen[COUNT / 10] = {0};
  for (int i = 0; i < 30; i++) EXPECT(!seen[found[i] / 10]++);
  /* The same groups, of the first 200 keys. */
  uint64_t groups[200], same[30];
  for (uint64_t i = 0; i < 200; i++) groups[i] = i / 10;
  o.group_by = NULL;
  o.groups = groups;
  o.group_count = 200;
  GIVES(VI_OK, vi_search(index, query, 1, 30, &o, same, scores, &answer, &error));
  EXPECT(answer.count == 20);
  int j = 0;
  for (int i = 0; i < 30; i++) {
    if (found[i] >= 200) continue;
    EXPECT(same[j] == found[i]);
    j++;
  }
  o.group_by = by_ten;
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 30, &o, same, scores, &answer, &error));
  o.group_by = NULL;
  o.groups = NULL;
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 30, &o, same, scores, &answer, &error));

  o = no_options();
  struct changer changer = {index, VI_OK, VI_OK, -1};
  o.filter = changing;
  o.filter_context = &changer;
  o.threads = 1;
  GIVES(VI_OK, vi_search(index, query, 1, 1, &o, found, scores, NULL, &error));
  EXPECT(changer.add == VI_CALLED_FROM_CALLBACK && changer.save == VI_CALLED_FROM_CALLBACK && changer.search == VI_OK);
}

static void wrong_searches(vi_index *index) {
  float query[DIMENSION] = {1}, bad[DIMENSION] = {1}, zero[DIMENSION] = {0};
  uint64_t found[4];
  bad[3] = NAN;
  GIVES(VI_NOT_FINITE, vi_search(index, bad, 1, 1, NULL, found, NULL, NULL, &error));
  bad[3] = INFINITY;
  GIVES(VI_NOT_FINITE, vi_search(index, bad, 1, 1, NULL, found, NULL, NULL, &error));
  GIVES(VI_ZERO_VECTOR, vi_search(index, zero, 1, 1, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, -1, 1, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, INT64_MIN, 1, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, INT64_MAX, 1, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 0, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, -5, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, INT64_MAX, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, (int64_t)1 << 40, (int64_t)1 << 40, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, NULL, 1, 1, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 1, NULL, NULL, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, (float *)((char *)query + 1), 1, 1, NULL, found, NULL, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 1, NULL, (uint64_t *)((char *)found + 4), NULL, NULL, &error));
  GIVES(VI_OK, vi_search(index, NULL, 0, 1, NULL, NULL, NULL, NULL, &error));
  vi_search_options o = no_options();
#define REFUSED(member, value) \
  o = no_options(); \
  o.member = value; \
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 1, &o, found, NULL, NULL, &error))
  REFUSED(size, 0);
  REFUSED(size, sizeof o - 1);
  REFUSED(size, UINT32_MAX);
  REFUSED(plan, 3);
  REFUSED(plan, -1);
  REFUSED(ef, -1);
  REFUSED(recall, 1.5);
  REFUSED(recall, -0.1);
  REFUSED(recall, NAN);
  REFUSED(threads, -1);
  REFUSED(reserved, 1);
  REFUSED(allowed_count, -1);
  REFUSED(allowed_bytes, -1);
  REFUSED(allowed_bytes, 1);
  REFUSED(group_count, -1);
  o = no_options();
  o.has_minimum_score = 1;
  o.minimum_score = NAN;
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 1, &o, found, NULL, NULL, &error));
  /* A structure of a later version: longer, with nothing in its new members, or with something. */
  union {
    vi_search_options options;
    unsigned char bytes[sizeof(vi_search_options) + 16];
  } later;
  memset(&later, 0, sizeof later);
  later.options.size = sizeof later;
  GIVES(VI_OK, vi_search(index, query, 1, 1, &later.options, found, NULL, NULL, &error));
  later.bytes[sizeof later - 1] = 1;
  GIVES(VI_INVALID_ARGUMENT, vi_search(index, query, 1, 1, &later.options, found, NULL, NULL, &error));
  o = no_options();
  o.ef = INT64_MAX;
  o.threads = INT32_MAX;
  GIVES(VI_OK, vi_search(index, query, 1, 4, &o, found, NULL, NULL, &error));
  vi_answer answer;
  GIVES(VI_INVALID_ARGUMENT, vi_range(index, query, 0, NULL, NULL, NULL, 0, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_range(index, query, 0, NULL, NULL, NULL, -1, &answer, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_range(index, query, 0, NULL, NULL, NULL, 1, &answer, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_range(index, NULL, 0, NULL, NULL, NULL, 0, &answer, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_range(index, query, NAN, NULL, NULL, NULL, 0, &answer, &error));
  vi_recall report;
  GIVES(VI_INVALID_ARGUMENT, vi_tune(index, NAN, 1, &report, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_tune(index, 2, 1, &report, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_tune(index, 0.5, -1, &report, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_measure_recall(index, -1, 1, 1, &report, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_measure_recall(index, 1, -1, 1, &report, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_measure_recall(index, 1, 1, -1, &report, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_measure_recall(index, 1, 1, 1, NULL, &error));
  GIVES(VI_OK, vi_measure_recall(index, INT64_MAX, INT64_MAX, INT64_MAX, &report, &error));
}

static void wrong_configurations(void) {
  vi_configuration c;
  vi_index *index;
#define REFUSES(member, value) \
  c = configuration_of(VI_METRIC_COSINE); \
  c.member = value; \
  index = (vi_index *)&c; \
  GIVES(VI_INVALID_ARGUMENT, vi_create(&c, &index, &error)); \
  EXPECT(index == NULL)
  REFUSES(size, 0);
  REFUSES(metric, 3);
  REFUSES(metric, -1);
  REFUSES(dimension, 0);
  REFUSES(dimension, -1);
  REFUSES(dimension, 65537);
  REFUSES(dimension, INT64_MAX);
  REFUSES(m, 1);
  REFUSES(m, -1);
  REFUSES(m, 129);
  REFUSES(ef_construction, -1);
  REFUSES(ef_construction, INT64_MAX);
  REFUSES(maximum_count, -1);
  REFUSES(maximum_count, ((int64_t)1 << 29) + 1);
  GIVES(VI_INVALID_ARGUMENT, vi_create(NULL, &index, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_create(&c, NULL, &error));
}

/* Every function with a handle refuses NULL, and one that was closed. */
static void no_handle(vi_index *index) {
  float f[DIMENSION] = {1};
  uint64_t key = 1;
  int64_t n;
  int32_t metric;
  uint8_t byte;
  vi_answer answer;
  vi_recall recall;
  vi_statistics statistics;
  vi_configuration c = configuration_of(0);
  memset(&statistics, 0, sizeof statistics);
  statistics.size = sizeof statistics;
  GIVES(VI_INVALID_HANDLE, vi_save(index, "x", NULL, 0, &error));
  GIVES(VI_INVALID_HANDLE, vi_user_info(index, NULL, 0, &n, &error));
  GIVES(VI_INVALID_HANDLE, vi_verify(index, &error));
  GIVES(VI_INVALID_HANDLE, vi_close(index, &error));
  GIVES(VI_INVALID_HANDLE, vi_count(index, &n, &error));
  GIVES(VI_INVALID_HANDLE, vi_dimension(index, &n, &error));
  GIVES(VI_INVALID_HANDLE, vi_metric(index, &metric, &error));
  GIVES(VI_INVALID_HANDLE, vi_get_configuration(index, &c, &error));
  GIVES(VI_INVALID_HANDLE, vi_reserve(index, 1, &error));
  GIVES(VI_INVALID_HANDLE, vi_add(index, f, 1, &key, 1, &error));
  GIVES(VI_INVALID_HANDLE, vi_upsert(index, f, 1, &key, 1, &error));
  GIVES(VI_INVALID_HANDLE, vi_update(index, f, 1, &error));
  GIVES(VI_INVALID_HANDLE, vi_remove(index, &key, 1, &byte, &error));
  GIVES(VI_INVALID_HANDLE, vi_compact(index, &error));
  GIVES(VI_INVALID_HANDLE, vi_merge(index, index, &error));
  GIVES(VI_INVALID_HANDLE, vi_contains(index, &key, 1, &byte, &error));
  GIVES(VI_INVALID_HANDLE, vi_get(index, &key, 1, f, &byte, &error));
  GIVES(VI_INVALID_HANDLE, vi_keys(index, &key, 1, &n, &error));
  GIVES(VI_INVALID_HANDLE, vi_search(index, f, 1, 1, NULL, &key, NULL, NULL, &error));
  GIVES(VI_INVALID_HANDLE, vi_range(index, f, 0, NULL, &key, NULL, 1, &answer, &error));
  GIVES(VI_INVALID_HANDLE, vi_tune(index, 0.5, 1, &recall, &error));
  GIVES(VI_INVALID_HANDLE, vi_measure_recall(index, 1, 1, 1, &recall, &error));
  GIVES(VI_INVALID_HANDLE, vi_get_statistics(index, &statistics, &error));
  GIVES(VI_INVALID_HANDLE, vi_check(index, &error));
}

static void changes(vi_index *index, const float *rows, const uint64_t *keys) {
  float row[DIMENSION], many[3 * DIMENSION];
  uint64_t three[3] = {5, 900, 901}, other = 900;
  uint8_t flags[3];
  int64_t n;
  GIVES(VI_DUPLICATE_KEY, vi_add(index, rows, 1, keys, 1, &error));
  memcpy(many, rows + 20 * DIMENSION, sizeof many);
  three[2] = 5;
  GIVES(VI_DUPLICATE_KEY, vi_upsert(index, many, 3, three, 1, &error));
  three[2] = 901;
  many[40] = NAN;
  GIVES(VI_NOT_FINITE, vi_upsert(index, many, 3, three, 1, &error));
  GIVES(VI_NOT_FINITE, vi_add(index, many + DIMENSION, 2, three + 1, 1, &error));
  GIVES(VI_OK, vi_contains(index, three, 3, flags, &error));
  EXPECT(flags[0] == 1 && flags[1] == 0 && flags[2] == 0);
  memcpy(many, rows + 20 * DIMENSION, sizeof many);
  GIVES(VI_OK, vi_upsert(index, many, 3, three, 2, &error));
  GIVES(VI_OK, vi_count(index, &n, &error));
  EXPECT(n == COUNT + 2);
  GIVES(VI_OK, vi_get(index, three, 1, row, NULL, &error));
  EXPECT(fabs(product(row, row) - 1) < 1e-5);
  EXPECT(fabs(product(row, many) - sqrt(product(many, many))) < 1e-5);
  GIVES(VI_OK, vi_update(index, rows + 5 * DIMENSION, 5, &error));
  GIVES(VI_UNKNOWN_KEY, vi_update(index, rows, 12345, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_update(index, NULL, 5, &error));
  memset(row, 0, sizeof row);
  GIVES(VI_ZERO_VECTOR, vi_update(index, row, 5, &error));
  GIVES(VI_OK, vi_remove(index, three + 1, 2, NULL, &error));
  GIVES(VI_OK, vi_remove(index, three, 3, flags, &error));
  EXPECT(flags[0] == 1 && flags[1] == 0 && flags[2] == 0);
  GIVES(VI_OK, vi_add(index, rows + 5 * DIMENSION, 1, three, 1, &error));
  GIVES(VI_UNKNOWN_KEY, vi_get(index, &other, 1, row, NULL, &error));
  GIVES(VI_OK, vi_get(index, three, 2, many, flags, &error));
  EXPECT(flags[0] == 1 && flags[1] == 0 && many[DIMENSION] == 0);
  GIVES(VI_INVALID_ARGUMENT, vi_add(index, rows, -1, keys, 1, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_add(index, rows, 1, NULL, 1, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_add(index, NULL, 1, keys, 1, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_add(index, rows, 1, keys, -2, &error));
  GIVES(VI_FULL, vi_add(index, rows, INT64_MAX, keys, 1, &error));
  GIVES(VI_OK, vi_add(index, NULL, 0, NULL, 1, &error));
  GIVES(VI_OK, vi_upsert(index, NULL, 0, NULL, 1, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_remove(index, NULL, 1, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_remove(index, keys, -1, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_contains(index, keys, 1, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_get(index, keys, INT64_MAX, row, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_reserve(index, -1, &error));
  GIVES(VI_OK, vi_compact(index, &error));
  GIVES(VI_OK, vi_check(index, &error));
}

static void small_index(const float *rows, const uint64_t *keys, vi_index *large) {
  vi_configuration c = configuration_of(VI_METRIC_COSINE);
  vi_index *small = NULL, *other = NULL;
  c.maximum_count = 10;
  GIVES(VI_OK, vi_create(&c, &small, &error));
  GIVES(VI_FULL, vi_add(small, rows, 11, keys, 1, &error));
  GIVES(VI_OK, vi_add(small, rows, 10, keys, 1, &error));
  GIVES(VI_FULL, vi_add(small, rows, 1, keys + 10, 1, &error));
  GIVES(VI_FULL, vi_upsert(small, rows, 2, keys + 9, 1, &error));
  GIVES(VI_OK, vi_upsert(small, rows, 10, keys, 1, &error));
  c.metric = VI_METRIC_INNER_PRODUCT;
  GIVES(VI_OK, vi_create(&c, &other, &error));
  GIVES(VI_INCOMPATIBLE, vi_merge(small, other, &error));
  GIVES(VI_INCOMPATIBLE, vi_merge(small, small, &error));
  GIVES(VI_DUPLICATE_KEY, vi_merge(small, large, &error));
  float huge[DIMENSION] = {3e38f, 3e38f};
  GIVES(VI_LENGTH_OUT_OF_RANGE, vi_add(other, huge, 1, keys, 1, &error));
  GIVES(VI_OK, vi_close(other, &error));
  GIVES(VI_INVALID_HANDLE, vi_merge(small, other, &error));
  c.metric = VI_METRIC_COSINE;
  GIVES(VI_OK, vi_create(&c, &other, &error));
  GIVES(VI_OK, vi_merge(other, small, &error));
  int64_t n = 0;
  GIVES(VI_OK, vi_count(other, &n, &error));
  EXPECT(n == 10);
  GIVES(VI_OK, vi_close(other, &error));
  GIVES(VI_OK, vi_close(small, &error));
}

static void files(vi_index *index, const char *folder, const float *query) {
  char path[4000], missing[4100];
  snprintf(path, sizeof path, "%s/\xc3\xa4 index", folder);
  snprintf(missing, sizeof missing, "%s/none/index", folder);
  char info[8] = {0};
  int64_t n = -1;
  GIVES(VI_OK, vi_user_info(index, NULL, 0, &n, &error));
  EXPECT(n == 0);
  GIVES(VI_OK, vi_save(index, path, "hello", 5, &error));
  GIVES(VI_OK, vi_save(index, path, NULL, 0, &error));
  GIVES(VI_FILE, vi_save(index, missing, NULL, 0, &error));
  GIVES(VI_NOT_A_SNAPSHOT, vi_save(index, folder, NULL, 0, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_save(index, NULL, NULL, 0, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_save(index, "", NULL, 0, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_save(index, "\xff\xfe", NULL, 0, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_save(index, path, NULL, 3, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_save(index, path, "x", -3, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_save(index, path, "x", INT64_MAX, &error));
  uint64_t before[10], after[10];
  float scores[10], opened_scores[10];
  GIVES(VI_OK, vi_search(index, query, 1, 10, NULL, before, scores, NULL, &error));
  for (int32_t mode = VI_OPEN_MAP; mode <= VI_OPEN_LOAD; mode++) {
    vi_index *opened = NULL;
    GIVES(VI_OK, vi_open(path, mode, &opened, &error));
    GIVES(VI_OK, vi_verify(opened, &error));
    GIVES(VI_OK, vi_search(opened, query, 1, 10, NULL, after, opened_scores, NULL, &error));
    EXPECT(!memcmp(before, after, sizeof after) && !memcmp(scores, opened_scores, sizeof scores));
    memset(info, 0, sizeof info);
    GIVES(VI_OK, vi_user_info(opened, info, 3, &n, &error));
    EXPECT(n == 5 && !strcmp(info, "hel"));
    GIVES(VI_OK, vi_user_info(opened, info, sizeof info, &n, &error));
    EXPECT(n == 5 && !strcmp(info, "hello"));
    GIVES(VI_INVALID_ARGUMENT, vi_user_info(opened, NULL, 1, &n, &error));
    GIVES(VI_INVALID_ARGUMENT, vi_user_info(opened, info, -1, &n, &error));
    GIVES(VI_INVALID_ARGUMENT, vi_user_info(opened, info, 1, NULL, &error));
    GIVES(VI_OK, vi_close(opened, &error));
    no_handle(opened);
  }
  vi_index *opened = (vi_index *)path;
  GIVES(VI_FILE, vi_open(missing, VI_OPEN_MAP, &opened, &error));
  EXPECT(opened == NULL);
  GIVES(VI_INVALID_ARGUMENT, vi_open(NULL, VI_OPEN_MAP, &opened, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_open(path, 2, &opened, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_open(path, VI_OPEN_MAP, NULL, &error));
  FILE *file = fopen(path, "r+b");
  if (file && !fseek(file, -2000, SEEK_END)) {
    int byte = fgetc(file);
    fseek(file, -2000, SEEK_END);
    fputc(byte ^ 1, file);
    fclose(file);
  }
  GIVES(VI_DAMAGED, vi_open(path, VI_OPEN_LOAD, &opened, &error));
  file = fopen(path, "wb");
  if (file) {
    for (int i = 0; i < 10000; i++) fputc(i, file);
    fclose(file);
  }
  GIVES(VI_NOT_A_SNAPSHOT, vi_open(path, VI_OPEN_MAP, &opened, &error));
  remove(path);
}

static void lookups(vi_index *index) {
  int64_t n = 0, dimension = 0;
  int32_t metric = -1;
  uint64_t keys[COUNT + 10];
  vi_configuration c = configuration_of(2);
  GIVES(VI_OK, vi_keys(index, NULL, 0, &n, &error));
  EXPECT(n == COUNT);
  keys[COUNT] = 77;
  GIVES(VI_OK, vi_keys(index, keys, COUNT + 10, &n, &error));
  EXPECT(n == COUNT && keys[COUNT] == 77);
  uint64_t sum = 0;
  for (int i = 0; i < COUNT; i++) sum += keys[i];
  EXPECT(sum == (uint64_t)COUNT * (COUNT - 1) / 2);
  GIVES(VI_OK, vi_keys(index, keys, 5, &n, &error));
  EXPECT(n == COUNT);
  GIVES(VI_INVALID_ARGUMENT, vi_keys(index, keys, -1, &n, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_keys(index, NULL, 1, &n, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_keys(index, keys, 1, NULL, &error));
  GIVES(VI_OK, vi_dimension(index, &dimension, &error));
  GIVES(VI_OK, vi_metric(index, &metric, &error));
  GIVES(VI_OK, vi_get_configuration(index, &c, &error));
  EXPECT(dimension == DIMENSION && metric == VI_METRIC_COSINE && c.dimension == DIMENSION);
  EXPECT(c.m == 16 && c.ef_construction == 200 && c.maximum_count == 1 << 29 && c.seed == 1 && c.metric == 0);
  GIVES(VI_INVALID_ARGUMENT, vi_count(index, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_dimension(index, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_metric(index, NULL, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_get_configuration(index, NULL, &error));
  c.size = 3;
  GIVES(VI_INVALID_ARGUMENT, vi_get_configuration(index, &c, &error));
  vi_statistics s;
  memset(&s, 0, sizeof s);
  GIVES(VI_INVALID_ARGUMENT, vi_get_statistics(index, &s, &error));
  GIVES(VI_INVALID_ARGUMENT, vi_get_statistics(index, NULL, &error));
  s.size = sizeof s;
  GIVES(VI_OK, vi_get_statistics(index, &s, &error));
  EXPECT(s.count == COUNT && s.memory_bytes > COUNT * DIMENSION * 4 && s.mean_degree > 4);
  EXPECT(s.level_count >= 1 && s.levels[0] == COUNT && s.levels[s.level_count - 1] > 0);
  int64_t answered = 0;
  for (int i = 0; i < VI_WAYS; i++) answered += s.answered[i];
  EXPECT(answered > 0);
}

/* Searches until it is told that the index is closed. */
static void *until_closed(void *argument) {
  float query[DIMENSION] = {1, 2};
  uint64_t found[3];
  vi_status status;
  do status = vi_search((vi_index *)argument, query, 1, 3, NULL, found, NULL, NULL, NULL);
  while (status == VI_OK);
  return status == VI_INVALID_HANDLE ? NULL : argument;
}

static void closing(const float *rows, const uint64_t *keys) {
  vi_configuration c = configuration_of(VI_METRIC_SQUARED_DISTANCE);
  vi_index *index = NULL;
  GIVES(VI_OK, vi_create(&c, &index, &error));
  GIVES(VI_OK, vi_add(index, rows, COUNT, keys, 1, &error));
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) EXPECT(!pthread_create(&threads[i], NULL, until_closed, index));
  GIVES(VI_OK, vi_upsert(index, rows, 50, keys, 2, &error));
  GIVES(VI_OK, vi_close(index, &error));
  for (int i = 0; i < 3; i++) {
    void *result = index;
    pthread_join(threads[i], &result);
    EXPECT(result == NULL);
  }
}

static void messages(void) {
  /* Longer than the room, and cut off between two characters. */
  char path[1000];
  for (int i = 0; i < 998; i += 2) memcpy(path + i, "\xc3\xa4", 2);
  path[998] = 0;
  vi_index *index;
  vi_error error;
  EXPECT(vi_open(path, VI_OPEN_MAP, &index, &error) == VI_FILE);
  size_t n = strlen(error.message);
  EXPECT(n >= VI_MESSAGE_SIZE - 3 && n < VI_MESSAGE_SIZE && (unsigned char)error.message[n - 1] == 0xa4);
  EXPECT(vi_open(path, VI_OPEN_MAP, &index, NULL) == VI_FILE);
  EXPECT(!strcmp(vi_status_name(VI_OK), "VI_OK") && !strcmp(vi_status_name(VI_BROKEN), "VI_BROKEN"));
  EXPECT(!strcmp(vi_status_name(-1), "VI_UNKNOWN_STATUS") && !strcmp(vi_status_name(17), "VI_UNKNOWN_STATUS"));
  EXPECT(vi_version()[0] && vi_kernels()[0] && vi_version() == vi_version());
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  vi_configuration c = configuration_of(VI_METRIC_COSINE);
  vi_index *index = NULL;
  float *rows = vectors_of(COUNT);
  uint64_t keys[COUNT + 1];
  for (uint64_t i = 0; i <= COUNT; i++) keys[i] = i;
  GIVES(VI_OK, vi_create(&c, &index, &error));
  GIVES(VI_OK, vi_add(index, rows, COUNT, keys, 2, &error));
  filters(index, rows + 30);
  wrong_searches(index);
  wrong_configurations();
  no_handle(NULL);
  no_handle((vi_index *)rows);
  changes(index, rows, keys);
  lookups(index);
  small_index(rows, keys, index);
  files(index, argv[1], rows + 50);
  messages();
  closing(rows, keys);
  GIVES(VI_OK, vi_close(index, &error));
  no_handle(index);
  for (int32_t metric = 0; metric < 3; metric++) searches(metric);
  free(rows);
  if (failures == 0) puts("OK");
  return failures != 0;
}
