export const Quarantine = () => null;
