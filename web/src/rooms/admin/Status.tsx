export const Status = () => null;
