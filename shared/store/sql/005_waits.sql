-- A cause that a stream's first event that is not folded lacks: its writer, then its counter in 4 bytes,
-- big-endian; empty where nothing is known to be lacking. Whoever waits is not read again before.
ALTER TABLE stream ADD COLUMN waits BLOB NOT NULL DEFAULT x'';
