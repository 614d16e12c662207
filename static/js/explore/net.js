// Answers as JSON, of our own address. The answer to a question that was put again in the meantime is dropped.
export async function json(address, signal) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, signal });
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.json();
}

export function latest() {
  let before = null;
  return () => {
    if (before) before.abort();
    before = new AbortController();
    return before.signal;
  };
}

export const aborted = (wrong) => wrong.name === "AbortError";
