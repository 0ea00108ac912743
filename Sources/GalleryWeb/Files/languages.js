// The languages of the page, a line each; a language is a file like en.js, and is listed in ServedFile.swift, too.
export { default as en } from "./en.js";
export { default as de } from "./de.js";
