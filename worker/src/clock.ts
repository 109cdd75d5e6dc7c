/** The time that the parts of each minute's run have. */

/** Whether a part may take another step, or leaves the rest to the next minute. */
export type TimeLeft = () => boolean;

/** `work`, or an error when it has not ended in time; what it began goes on. */
export async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
