/** The release of Skerry: every package carries the same. */
export const skerryVersion = '0.1.0';
