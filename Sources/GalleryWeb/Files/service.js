// The service's API, with the key of this tab.

const storageName = "facegallery-key";

/** A reply that is no success: the service's sentence, its word for the kind, and the status. */
export class ServiceError extends Error {
  constructor(status, kind, message) {
    super(message);
    this.status = status;
    this.kind = kind;
  }
}

export const key = {
  get: () => sessionStorage.getItem(storageName) ?? "",
  set: (value) => value ? sessionStorage.setItem(storageName, value) : sessionStorage.removeItem(storageName),
};

/** Called when the service wants a key that this tab does not have; set by main.js. */
export const keyWanted = { handler: () => {} };

async function request(method, path, { query = {}, json, form } = {}) {
  const url = new URL(`/api/v1${path}`, location.origin);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  const headers = {};
  if (key.get()) headers["x-api-key"] = key.get();
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, { method, headers, body: form ?? (json === undefined ? undefined : JSON.stringify(json)) });
  } catch {
    throw new ServiceError(0, "unreachable", "The server does not answer; is it still running?");
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) keyWanted.handler();
  throw new ServiceError(response.status, body.error ?? "", body.message ?? `The server answered ${response.status}.`);
}

async function value(...parts) {
  return (await request(...parts)).json();
}

function photoForm(photo) {
  const form = new FormData();
  form.append("file", photo, "photo");
  return form;
}

/** Addresses of pictures that were loaded, by their path; the oldest are given back. */
const pictures = new Map();

async function picture(path) {
  if (pictures.has(path)) return pictures.get(path);
  const address = URL.createObjectURL(await (await request("GET", path)).blob());
  pictures.set(path, address);
  if (pictures.size > 500) {
    const [oldest, old] = pictures.entries().next().value;
    pictures.delete(oldest);
    URL.revokeObjectURL(old);
  }
  return address;
}

export const service = {
  gallery: () => value("GET", "/gallery"),
  recognise: (photo) => value("POST", "/query", { query: { k: 5 }, form: photoForm(photo) }),
  enrol: (photo, name, options = {}) => value("POST", "/enrol", { query: { name, ...options }, form: photoForm(photo) }),
  people: (name, after, limit) => value("GET", "/people", { query: { name, after, limit } }),
  person: (id) => value("GET", `/people/${id}`),
  faces: async (id) => {
    const faces = [];
    let page;
    do {
      page = await value("GET", `/people/${id}/faces`, { query: { after: page?.next, limit: 1000 } });
      faces.push(...page.faces);
    } while (page.next);
    return { faces };
  },
  rename: (id, name, merge) => value("PATCH", `/people/${id}`, { json: { name, merge } }),
  removePerson: (id) => value("DELETE", `/people/${id}`),
  removeFace: (id) => value("DELETE", `/faces/${id}`),
  check: () => value("POST", "/check", { json: {} }),
  backup: (name) => value("POST", "/backup", { json: { name } }),
  facePicture: (id) => picture(`/faces/${id}/thumbnail`),
  personPicture: (id) => picture(`/people/${id}/thumbnail`),
};
