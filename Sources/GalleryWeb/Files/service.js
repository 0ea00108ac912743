// The service's API, with the key of this tab.

import { has, t } from "./words.js";

const storageName = "facegallery-key";

/** A reply that is no success: what went wrong in words, the service's word for the kind, the status, and when to try again; without a reply the status is 0, without a request undefined. */
export class ServiceError extends Error {
  constructor(status, kind, message, seconds) {
    super(has(`error.${kind}`) ? t(`error.${kind}`) : message);
    this.status = status;
    this.kind = kind;
    this.seconds = seconds;
  }
  /** Whether the same may succeed later. */
  get isPassing() { return [0, 429, 503].includes(this.status); }
}

export const key = {
  get: () => sessionStorage.getItem(storageName) ?? "",
  set: (value) => value ? sessionStorage.setItem(storageName, value) : sessionStorage.removeItem(storageName),
};

/** Called when the service wants a key that this tab does not have; set by main.js. */
export const keyWanted = { handler: () => {} };

/** Counts what this tab has changed: lists that were made before are out of date. */
export const changes = { count: 0 };

async function request(method, path, { query = {}, json, form, signal } = {}) {
  const url = new URL(`/api/v1${path}`, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  const headers = {};
  if (key.get()) headers["x-api-key"] = key.get();
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, { method, headers, signal, body: form ?? (json === undefined ? undefined : JSON.stringify(json)) });
  } catch (error) {
    if (signal?.aborted) throw error;
    // Of a photo that cannot be read any more the browser says the same as of a server that is away.
    if (form && !await isReadable(form)) throw new ServiceError(undefined, "file-unreadable", "");
    throw new ServiceError(0, "unreachable", "", 5);
  }
  if (method !== "GET") changes.count += 1;
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) keyWanted.handler();
  throw new ServiceError(response.status, body.error ?? "", body.message ?? t("error.status", { status: String(response.status) }),
    Number(response.headers.get("Retry-After")) || undefined);
}

async function value(...parts) {
  return (await request(...parts)).json();
}

function photoForm(photo) {
  const form = new FormData();
  form.append("file", photo, "photo");
  return form;
}

async function isReadable(form) {
  try {
    for (const part of form.values()) {
      if (!(part instanceof Blob)) continue;
      // A slice of a file that has gone is empty, and no failure.
      const reader = part.stream().getReader();
      await reader.read();
      await reader.cancel();
    }
    return true;
  } catch {
    return false;
  }
}

/** A request takes at most so many faces. */
const mostFaces = 1000;

export const service = {
  gallery: () => value("GET", "/gallery"),
  recognise: (photo, k = 5, signal) => value("POST", "/query", { query: { k }, form: photoForm(photo), signal }),
  enrol: (photo, options, signal) => value("POST", "/enrol", { query: options, form: photoForm(photo), signal }),
  people: (query) => value("GET", "/people", { query }),
  person: (id) => value("GET", `/people/${id}`),
  personNamed: async (name) => (await value("GET", "/people", { query: { named: name } })).people[0],
  faces: (id, after, limit) => value("GET", `/people/${id}/faces`, { query: { after, limit } }),
  rename: (id, name) => value("PATCH", `/people/${id}`, { json: { name } }),
  /** Has a face stand for a person; null leaves that to the oldest one. */
  choosePicture: (id, face) => value("PATCH", `/people/${id}`, { json: { picture: face } }),
  tags: async (id) => (await value("GET", `/people/${id}/tags`)).tags,
  tag: async (id, tags) => (await value("PATCH", `/people/${id}/tags`, { json: { tags } })).tags,
  merge: (people, target) => value("POST", `/people/${target}/merge`, { json: { people } }),
  /** Makes somebody without faces. Of the service's own API a person comes with a face only, of CompreFace's without. */
  addPerson: async (name) => {
    const { subject } = await value("POST", "/recognition/subjects", { json: { subject: name } });
    return service.personNamed(subject);
  },
  removePerson: (id) => value("DELETE", `/people/${id}`),
  removeFace: (id) => value("DELETE", `/faces/${id}`),
  undo: (removal) => value("POST", "/undo", { json: { removal } }),
  /** Gives faces to somebody: `{ person }`, `{ name }` or `{ unnamed: true, group }`. */
  move: async (faces, receiver) => {
    const all = { moved: [] };
    for (let first = 0; first < faces.length; first += mostFaces) {
      const { person, moved } = await value("PATCH", "/faces", { json: { faces: faces.slice(first, first + mostFaces), ...receiver } });
      all.person = person;
      all.moved.push(...moved);
    }
    return all;
  },
  findGroups: () => value("POST", "/groups", { json: {} }),
  groups: (after, limit, faces) => value("GET", "/groups", { query: { after, limit, faces } }),
  group: (group, faces) => value("GET", `/groups/${group}`, { query: { faces } }),
  nameGroup: (group, receiver, except) => value("PATCH", `/groups/${group}`, { json: { ...receiver, except } }),
  ignored: (after, limit) => value("GET", "/ignored", { query: { after, limit } }),
  ignore: (what) => value("POST", "/ignored", { json: what }),
  stopIgnoringGroup: (group) => value("DELETE", "/ignored", { query: { group } }),
  stopIgnoring: (face) => value("DELETE", `/ignored/${face}`),
  /** What the last review found; `findDoubts` makes one. */
  doubts: (kind, after, limit) => value("GET", "/review", { query: { kind, after, limit } }),
  findDoubts: () => value("POST", "/review"),
  doubtsProgress: () => value("GET", "/review/progress"),
  keys: async () => (await value("GET", "/keys")).keys,
  addKey: (role, label) => value("POST", "/keys", { json: { role, label } }),
  revokeKey: (id) => value("DELETE", `/keys/${encodeURIComponent(id)}`),
  check: () => value("POST", "/check", { json: {} }),
  backup: (name) => value("POST", "/backup", { json: { name } }),
  /** The address of a picture; null where there is none. */
  picture: async (path) => {
    try {
      return URL.createObjectURL(await (await request("GET", path)).blob());
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  },
};

/** What brings back faces that were moved: to whom each belonged, whether that is a person or, without one, the group. */
export async function moveBack(moved, group) {
  const owners = new Map();
  for (const move of moved) owners.set(move.from, [...(owners.get(move.from) ?? []), move]);
  for (const [from, moves] of owners) {
    await service.move(moves.map((move) => move.face), from === undefined ? { unnamed: true, ...(group ? { group } : {}) } : { person: from });
  }
}
