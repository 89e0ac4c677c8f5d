/** Indexes from the middle outwards: what the reader will reach first comes first. */
export function outward(middle: number, count: number): number[] {
  const order: number[] = [];
  for (let step = 0; order.length < count && step <= count; step += 1) {
    const [ahead, behind] = [middle + step, middle - step];
    if (ahead < count) order.push(ahead);
    if (step > 0 && behind >= 0) order.push(behind);
  }
  return order;
}
