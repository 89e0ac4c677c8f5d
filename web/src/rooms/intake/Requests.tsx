export const Requests = () => null;
