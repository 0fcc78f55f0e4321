// A sentence with its gaps filled: {n} is the number, {n:one|many} the word that agrees with it.

export function filled(text, values) {
  return text.replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (gap, name, one, many) =>
    many === undefined ? (values[name] ?? gap) : String(values[name]) === "1" ? one : many);
}
