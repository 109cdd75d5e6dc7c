/** Time limits: for the jobs of each minute's run, and for single steps. */

/** Whether a job may take another step, or leaves the rest to the next minute. */
export type TimeLeft = () => boolean;

/** The result of `work`, or an error if it has not ended in time. The work itself goes on. */
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
