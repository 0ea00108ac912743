/*
 * vectorindex.h: the C interface of VectorIndex, an embedded index of nearest neighbours (HNSW graph and exact scan).
 *
 *   vi_configuration configuration = {.size = sizeof configuration, .dimension = 128};
 *   vi_index *index;
 *   vi_error error;
 *   if (vi_create(&configuration, &index, &error)) { fprintf(stderr, "%s\n", error.message); exit(1); }
 *   vi_add(index, vectors, 1000, keys, 0, &error);
 *   vi_search(index, query, 1, 10, NULL, found_keys, found_scores, NULL, &error);
 *   vi_close(index, &error);
 *
 * Errors. Every function that can fail returns a vi_status, VI_OK (0) if all went well. Its last parameter may be NULL;
 * otherwise *error gets the status, and a message of one sentence. Nothing is kept per thread or per index. A call that fails
 * has changed nothing, neither the index nor what output pointers lead to, unless its description says otherwise. There is no
 * argument that makes the library end the process, as long as pointers are NULL or lead to as many elements as described.
 *
 * Handles. A vi_index * is a name for an index, not an address, and no name is used twice. NULL, and a name whose index was
 * closed, give VI_INVALID_HANDLE. An index may be closed while other threads use it: their calls end as usual, and its memory
 * is given back after the last of them.
 *
 * Threads. All functions may be called from any number of threads, also with the same index. Searches do not wait for each other
 * or for a change; changes and saves of one index wait for each other. Parameters named `threads` say how many threads the call uses itself:
 * 1 for the calling one only, 0 for one per processor that the process may use; no call uses more than 64. Callbacks come from any of them.
 *
 * fork. A child process may use the index it inherits only if no other thread was in a call when fork was called, and only
 * once an index that was opened by VI_OPEN_MAP has been verified (vi_verify).
 *
 * Sizes and counts are int64_t; negative ones are refused with VI_INVALID_ARGUMENT. Matrices are row after row without gaps. Pointers
 * must be aligned as their type asks (refused otherwise). Paths are UTF-8, ended by a zero byte.
 *
 * Structures whose first member is `size` may grow in later versions: set `size` to sizeof the structure and everything else
 * that is not needed to zero.
 */
#ifndef VECTORINDEX_H
#define VECTORINDEX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a function returns. Numbers never change their meaning; later versions may have more. */
typedef int32_t vi_status;
enum {
  VI_OK = 0,
  /* A parameter is outside its range, a pointer that is needed is NULL or misaligned, or an array is not as described. */
  VI_INVALID_ARGUMENT = 1,
  /* The handle is NULL, or its index was closed. */
  VI_INVALID_HANDLE = 2,
  /* A vector or query holds a NaN or an infinity. */
  VI_NOT_FINITE = 3,
  /* A vector or query has length zero, which has no cosine similarity to anything. */
  VI_ZERO_VECTOR = 4,
  /* A vector or query is too long, or for inner products too short, for float32 arithmetic. */
  VI_LENGTH_OUT_OF_RANGE = 5,
  /* A key is in the index already, or twice among those given. */
  VI_DUPLICATE_KEY = 6,
  /* A key is not in the index. */
  VI_UNKNOWN_KEY = 7,
  /* The index holds as many vectors as its configuration allows. */
  VI_FULL = 8,
  /* A change or save was called from a callback of the same index, where it would wait for itself. */
  VI_CALLED_FROM_CALLBACK = 9,
  /* Searches under way did not end in time, so that a change that had to wait for them was not made. */
  VI_BUSY = 10,
  /* The system refused memory or address space. */
  VI_OUT_OF_MEMORY = 11,
  /* A file could not be read or written. */
  VI_FILE = 12,
  /* A file is not a snapshot of an index, or is of a version that this library does not know. */
  VI_NOT_A_SNAPSHOT = 13,
  /* A snapshot is cut short or its bytes are not those that were written. Every later call with the index says so, too. */
  VI_DAMAGED = 14,
  /* Two indices cannot be merged, as they measure vectors differently. */
  VI_INCOMPATIBLE = 15,
  /* vi_check found a graph that breaks its own rules: a fault of the library. */
  VI_BROKEN = 16
};

/* Bytes of a message, with the zero byte at its end. */
#define VI_MESSAGE_SIZE 512

/* What went wrong. */
typedef struct vi_error {
  /* What the function returned. */
  vi_status status;
  /* One sentence in UTF-8 that says what happened, and the remedy where one is known; empty for VI_OK. Cut off if longer. */
  char message[VI_MESSAGE_SIZE];
} vi_error;

/* An index; see "Handles" above. */
typedef struct vi_index vi_index;

/* The key in places of an answer that stay empty because fewer than k neighbours were found; their score is NaN. An index may hold
 * a vector of this key: vi_answer.count says how many places are filled. */
#define VI_NO_KEY UINT64_MAX

/* How closeness is measured. */
enum {
  /* Cosine similarity, -1 to 1; vectors are scaled to unit length when they are added. Greater is closer. */
  VI_METRIC_COSINE = 0,
  /* Inner product of the vectors as given. Greater is closer. */
  VI_METRIC_INNER_PRODUCT = 1,
  /* Squared Euclidean distance. Smaller is closer. */
  VI_METRIC_SQUARED_DISTANCE = 2
};

/* What an index is made of; fixed for its life. */
typedef struct vi_configuration {
  /* sizeof(vi_configuration). */
  uint32_t size;
  /* VI_METRIC_... */
  int32_t metric;
  /* Components of a vector, 1 to 65,536. */
  int64_t dimension;
  /* Links that a new node takes on each level, 2 to 128; 0 for 16. The lowest level holds up to twice as many. */
  int64_t m;
  /* Candidates considered for a new node's links, 1 to 1,000,000; 0 for 200. */
  int64_t ef_construction;
  /* Vectors that the index may hold, 1 to 2^29 (536,870,912); 0 for that. It takes address space and memory as vectors come, not before. */
  int64_t maximum_count;
  /* Seed of levels and rotation: the same seed, vectors and calls give the same graph and file. */
  uint64_t seed;
} vi_configuration;

/* How a snapshot is brought into memory. */
enum {
  /* Maps the file: searches can begin at once, pages come as they are touched, changes stay private. The large parts are checked in
   * the background; vi_verify waits for that. The file must be replaced by renaming, as vi_save does, not overwritten. */
  VI_OPEN_MAP = 0,
  /* Reads and checks the whole file first. */
  VI_OPEN_LOAD = 1
};

/* Who answers a search. */
enum {
  /* The cheaper of graph and exact scan, judged by count, filter and k. */
  VI_PLAN_AUTOMATIC = 0,
  /* The graph, whatever it costs. */
  VI_PLAN_GRAPH = 1,
  /* A scan of every vector: recall 1. */
  VI_PLAN_EXACT = 2
};

/* Who answered a search, and why. */
enum {
  /* The graph: the usual case. */
  VI_BY_GRAPH = 0,
  /* The graph, whose pool had to grow until enough passed the filter, or enough groups were found. */
  VI_BY_WIDENED_GRAPH = 1,
  /* The exact scan, because it was asked for. */
  VI_BY_EXACT_AS_ASKED = 2,
  /* The exact scan, because the index is small enough for it to be the faster one. */
  VI_BY_EXACT_AS_SMALL = 3,
  /* The exact scan, because so few vectors pass the filter that the graph would be the slower one. */
  VI_BY_EXACT_AS_NARROW = 4,
  /* The exact scan, because the graph would have had to visit most of the index. */
  VI_BY_EXACT_AS_EXHAUSTIVE = 5,
  /* The exact scan, because the recall that was asked for is not known to be reached by the graph for less. */
  VI_BY_EXACT_AS_MEASURED = 6
};
/* Number of ways to answer. */
#define VI_WAYS 7

/* Nonzero if vectors of this key may be returned. May be called several times a key, by several threads at once. It may search the index;
 * a change or save of it gives VI_CALLED_FROM_CALLBACK. It must return (no longjmp, no C++ exception). */
typedef int32_t (*vi_filter)(uint64_t key, void *context);

/* The group of a key; otherwise like vi_filter. */
typedef uint64_t (*vi_grouping)(uint64_t key, void *context);

/* How a search is done and what it may answer. All zero but `size`: everything passes, and the index decides who answers. A key is
 * returned if it passes all filters that are given. */
typedef struct vi_search_options {
  /* sizeof(vi_search_options). */
  uint32_t size;
  /* VI_PLAN_... */
  int32_t plan;
  /* Size of the graph search's candidate pool, 1 or more; 0 takes it from `recall`, else the index's default. */
  int64_t ef;
  /* Recall to aim for, above 0 and up to 1, where `ef` is 0; 0 for the index's default. The search that first asks for one tunes
   * (see vi_tune), which takes four hundred exact scans. */
  double recall;
  /* Threads for the rows of a batch; see "Threads" above. A zeroed structure, like NULL instead of one, uses one per processor. */
  int32_t threads;
  /* Nonzero if `minimum_score` is given. */
  int32_t has_minimum_score;
  /* Only neighbours at least this similar (for VI_METRIC_SQUARED_DISTANCE, at most this distant) are returned. */
  float minimum_score;
  /* Zero. */
  uint32_t reserved;
  /* Only these keys pass: ascending, none twice (checked in each call, O(n)); NULL for no such filter. With a pointer, and an `allowed_count` of 0,
   * nothing passes. */
  const uint64_t *allowed_keys;
  int64_t allowed_count;
  /* Only keys whose bit is set pass: key & 7, counted from the least significant, of byte key / 8; keys from 8 * allowed_bytes on do not pass. NULL
   * for no such filter. */
  const uint8_t *allowed_bits;
  int64_t allowed_bytes;
  /* Only keys that this function lets pass; NULL for no such filter. */
  vi_filter filter;
  void *filter_context;
  /* Group of each key from 0 to group_count - 1; other keys are not returned. Only the best neighbour of each group is returned, and k counts
   * groups. NULL for no groups; not together with `group_by`. */
  const uint64_t *groups;
  int64_t group_count;
  /* Group of a key by a function; NULL for no groups. */
  vi_grouping group_by;
  void *group_context;
} vi_search_options;

/* What is known of the answer to one query. */
typedef struct vi_answer {
  /* Neighbours found, 0 to k. */
  int64_t count;
  /* The recall that searches of this effort had when it was measured, 0 to 1; 1 for an exact scan, NaN where it was not measured. */
  double expected_recall;
  /* VI_BY_... */
  int32_t answered_by;
  /* Zero. */
  int32_t reserved;
} vi_answer;

/* Recall, measured by comparing graph and exact scan. */
typedef struct vi_recall {
  /* Share of the true k nearest that the graph found, 0 to 1; 1 when nothing was asked. */
  double recall;
  /* Queries made. */
  int64_t queries;
  /* Neighbours asked for. */
  int64_t k;
  /* Pool size used. */
  int64_t ef;
} vi_recall;

/* Levels that an index may have. */
#define VI_LEVELS 32

/* What an index holds and how it has been answering. */
typedef struct vi_statistics {
  /* sizeof(vi_statistics), set by the caller. */
  uint32_t size;
  /* Levels of the graph, at most VI_LEVELS. */
  int32_t level_count;
  /* Vectors in the index. */
  int64_t count;
  /* Slots free for new vectors, or about to be. */
  int64_t deleted_slots;
  /* Bytes of the arrays that vectors, codes, keys and graph fill, and of the key map. */
  int64_t memory_bytes;
  /* Mean number of links on the lowest level. */
  double mean_degree;
  /* Nodes on each level, lowest first. */
  int64_t levels[VI_LEVELS];
  /* Searches answered, by VI_BY_... */
  int64_t answered[VI_WAYS];
} vi_statistics;

/* Version of the library, such as "0.1.0": a string that stays. */
const char *vi_version(void);

/* Name of the distance kernels in use, such as "avx512vnni": a string that stays. The fastest that the machine runs, unless the environment
 * variable FACEGALLERY_KERNELS named another one when they were first used. */
const char *vi_kernels(void);

/* Name of a status, such as "VI_FULL": a string that stays; "VI_UNKNOWN_STATUS" for other numbers. */
const char *vi_status_name(vi_status status);

/* Creates an empty index. VI_INVALID_ARGUMENT, VI_OUT_OF_MEMORY. *index is NULL after an error. */
vi_status vi_create(const vi_configuration *configuration, vi_index **index, vi_error *error);

/* Opens a snapshot that vi_save, or the Swift library, has written. `mode` is VI_OPEN_MAP or VI_OPEN_LOAD.
 * VI_INVALID_ARGUMENT, VI_FILE, VI_NOT_A_SNAPSHOT, VI_DAMAGED, VI_OUT_OF_MEMORY. *index is NULL after an error. */
vi_status vi_open(const char *path, int32_t mode, vi_index **index, vi_error *error);

/* Writes a snapshot: to a temporary file beside it, synchronised, then renamed over `path`, so that what was there stays until then. Searches go on
 * meanwhile, changes wait. `user_info`: bytes of the caller's that are kept in the file, at most 256 MiB; NULL keeps those there are, a pointer
 * with `user_info_bytes` 0 removes them. VI_INVALID_ARGUMENT, VI_FILE, VI_NOT_A_SNAPSHOT if `path` is something other than a file, VI_DAMAGED,
 * VI_CALLED_FROM_CALLBACK. */
vi_status vi_save(vi_index *index, const char *path, const void *user_info, int64_t user_info_bytes, vi_error *error);

/* The bytes given to the last vi_save of this index, or of the file it was opened from. Writes at most `capacity` of them to `buffer` (which may be
 * NULL for a capacity of 0); *bytes is how many there are. */
vi_status vi_user_info(vi_index *index, void *buffer, int64_t capacity, int64_t *bytes, vi_error *error);

/* Waits until the whole of an opened snapshot has been checked. VI_DAMAGED. */
vi_status vi_verify(vi_index *index, vi_error *error);

/* Closes an index, without saving it. The name cannot be used any more. VI_INVALID_HANDLE if that was so before. */
vi_status vi_close(vi_index *index, vi_error *error);

/* Number of vectors. O(1). */
vi_status vi_count(vi_index *index, int64_t *count, vi_error *error);

/* Components of a vector. O(1). */
vi_status vi_dimension(vi_index *index, int64_t *dimension, vi_error *error);

/* VI_METRIC_... O(1). */
vi_status vi_metric(vi_index *index, int32_t *metric, vi_error *error);

/* What the index was created with. The caller sets configuration->size. O(1). */
vi_status vi_get_configuration(vi_index *index, vi_configuration *configuration, vi_error *error);

/* Prepares for `count` vectors in total, so that nothing has to grow while they come. VI_OUT_OF_MEMORY, VI_BUSY, VI_DAMAGED. */
vi_status vi_reserve(vi_index *index, int64_t count, vi_error *error);

/* Adds `count` vectors of `dimension` floats, one key each. The graph depends on the vectors, their order and the seed, not on the number of
 * threads. VI_NOT_FINITE, VI_ZERO_VECTOR, VI_LENGTH_OUT_OF_RANGE, VI_DUPLICATE_KEY, VI_FULL, VI_OUT_OF_MEMORY, VI_BUSY, VI_DAMAGED,
 * VI_CALLED_FROM_CALLBACK: none is then added. */
vi_status vi_add(
    vi_index *index, const float *vectors, int64_t count, const uint64_t *keys, int32_t threads, vi_error *error);

/* Adds vectors, or replaces those of keys that are in the index already. A search beside it sees for each key exactly one of the two. Otherwise
 * like vi_add; a key twice among `keys` is VI_DUPLICATE_KEY. Nothing is changed if a vector or key is refused, or the new keys are too many;
 * VI_OUT_OF_MEMORY and VI_BUSY may come after some were replaced. */
vi_status vi_upsert(
    vi_index *index, const float *vectors, int64_t count, const uint64_t *keys, int32_t threads, vi_error *error);

/* Replaces the vector of a key. VI_UNKNOWN_KEY, and what vi_add returns for the vector. */
vi_status vi_update(vi_index *index, const float *vector, uint64_t key, vi_error *error);

/* Removes the vectors of `count` keys, one after another; keys that are not there are passed over. removed[i], unless `removed` is NULL, is 1 if
 * key i was there, else 0. VI_DAMAGED, VI_CALLED_FROM_CALLBACK. */
vi_status vi_remove(vi_index *index, const uint64_t *keys, int64_t count, uint8_t *removed, vi_error *error);

/* Repairs the graph around everything removed so far and clears its slots now; where more than a quarter of all slots are then free, memory and later
 * files shrink. VI_BUSY: what was removed stays removed. */
vi_status vi_compact(vi_index *index, vi_error *error);

/* Adds everything that another index of the same dimension and metric holds. VI_INCOMPATIBLE, VI_DUPLICATE_KEY; vectors before the one that is refused
 * may stay added. */
vi_status vi_merge(vi_index *index, vi_index *other, vi_error *error);

/* found[i] is 1 if key i is in the index, else 0. */
vi_status vi_contains(vi_index *index, const uint64_t *keys, int64_t count, uint8_t *found, vi_error *error);

/* The stored vectors of `count` keys, row after row: for VI_METRIC_COSINE, scaled to unit length. found[i] is 1 if key i is in the index; else it is 0
 * and the row is zero. With `found` NULL a key that is not there is VI_UNKNOWN_KEY, and `vectors` may be partly written. */
vi_status vi_get(
    vi_index *index, const uint64_t *keys, int64_t count, float *vectors, uint8_t *found, vi_error *error);

/* All keys, in no particular order. Writes at most `capacity` of them to `keys` (which may be NULL for a capacity of 0); *count is how many there are.
 * Others may change the index between two calls. */
vi_status vi_keys(vi_index *index, uint64_t *keys, int64_t capacity, int64_t *count, vi_error *error);

/* Finds the k nearest neighbours of each of `rows` queries, best first, equal scores by key.
 *
 * queries: rows * dimension finite floats; for VI_METRIC_COSINE, no row all zero.
 * k: 1 or more. `keys` and `scores` have room for rows * k; places without a neighbour get VI_NO_KEY and NaN.
 * options: NULL for the defaults.
 * scores: exact float32 similarities (VI_METRIC_COSINE, VI_METRIC_INNER_PRODUCT) or squared distances; NULL if they are not needed.
 * answers: one a row, or NULL.
 * VI_NOT_FINITE, VI_ZERO_VECTOR, VI_LENGTH_OUT_OF_RANGE for the first row that is refused, VI_DAMAGED: the outputs may then be partly written. */
vi_status vi_search(
    vi_index *index, const float *queries, int64_t rows, int64_t k, const vi_search_options *options, uint64_t *keys,
    float *scores, vi_answer *answers, vi_error *error);

/* Finds every vector at least as similar to one query (for VI_METRIC_SQUARED_DISTANCE, at most as distant) as `score`, best first.
 *
 * Writes the best `capacity` of them to `keys` and `scores` (which may be NULL for a capacity of 0; `scores` also otherwise); answer->count, which may be
 * more, is how many there are. `options` as in vi_search, without its minimum score; `answer` is needed. */
vi_status vi_range(
    vi_index *index, const float *query, float score, const vi_search_options *options, uint64_t *keys, float *scores,
    int64_t capacity, vi_answer *answer, vi_error *error);

/* Measures which pool size reaches a recall (0 to 1) for searches for about k neighbours (0 or more), and makes it the default. *report, which may be
 * NULL, is the recall that was reached, and with which ef: less than asked for where 4,096 candidates do not suffice. Takes four hundred exact scans.
 * It stays in snapshots. */
vi_status vi_tune(vi_index *index, double recall, int64_t k, vi_recall *report, vi_error *error);

/* Measures recall with `sample` stored vectors as queries, each as if it were not in the index, with pools of `ef` candidates, 0 for the default.
 * Takes an exact scan for each. */
vi_status vi_measure_recall(vi_index *index, int64_t sample, int64_t k, int64_t ef, vi_recall *report, vi_error *error);

/* Figures on contents, memory and answered searches. The caller sets statistics->size. O(n). */
vi_status vi_get_statistics(vi_index *index, vi_statistics *statistics, vi_error *error);

/* Checks every rule that searches rely on; changes wait meanwhile. VI_BROKEN with the first breach. O(n). */
vi_status vi_check(vi_index *index, vi_error *error);

#ifdef __cplusplus
}
#endif

#endif
