export const Arrivals = () => null;
