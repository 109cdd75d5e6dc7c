/** Time: what the parts of each minute's run have of it, and what one thing may take. */

/** Whether a part may take another step, or leaves the rest to the next minute. */
export type TimeLeft = () => boolean;

/** `work`, or an error when it has not ended in time; what it began goes on. */
export async function within<T>(work: Promise<T>, milliseconds: number, late = () => new Error(`no end after ${milliseconds / 1000} s`)): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
