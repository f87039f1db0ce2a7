/** The merge fields of the page, and how each is written. */

/** @returns {{name: string, label: string, otherwise?: string, words?: string}[]} `words` are written as they are. */
export function fieldsOfThePage() {
  return JSON.parse(document.getElementById("merge-fields")?.textContent ?? "[]");
}

/** @example written({name: "first_name", otherwise: "à vous"}) // "{{ first_name|à vous }}" */
export function written({ name, otherwise, words }) {
  if (words) return words;
  return otherwise ? `{{ ${name}|${otherwise} }}` : `{{ ${name} }}`;
}
