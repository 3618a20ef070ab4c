-- A cause that a stream's first event that is not folded lacks, in bytes as an event names it; empty where
-- nothing is known to be lacking. Whoever waits is not read again before.
ALTER TABLE stream ADD COLUMN waits BLOB NOT NULL DEFAULT x'';
