#pragma once

#include <cstddef>
#include <cstdint>

/// Every limit of the product, with its meaning and reason. Sizes are in bytes unless named.
namespace lalanh::limits {

// --- values and events ---------------------------------------------------------------------
/// Text of one value. The longest field, a household's wishes, is a page at most.
inline constexpr std::size_t kTextBytesMax = 8'192;
/// Name of a field, type, verb: an identifier of our catalogues.
inline constexpr std::size_t kNameBytesMax = 64;
/// Name and office of the person who did it, as shown.
inline constexpr std::size_t kActorBytesMax = 256;
/// Ops of one event: a create with every field of the largest form, four times over.
inline constexpr std::size_t kOpsMax = 512;
/// Writes that one op may name as seen: live values of one field, ever in conflict.
inline constexpr std::size_t kBasesMax = 1'024;
/// Canonical bytes of one event; a decision's list of a village (300 households) fits.
inline constexpr std::size_t kEventBytesMax = 256 * 1'024;
/// Nesting of any CBOR or JSON that comes from outside; ours needs five.
inline constexpr int kDepthMax = 16;
/// The most that one event may raise the counted order above the event before it.
inline constexpr std::uint64_t kOrderStepMax = std::uint64_t{1} << 24U;

// --- streams and segments ------------------------------------------------------------------
/// Events of one stream: the counter is packed in 22 bits of a row id. A full stream ends.
inline constexpr std::uint32_t kStreamEventsMax = (std::uint32_t{1} << 22U) - 1;
/// Streams that one database may number: with the counter, a row id stays below 2^53.
inline constexpr std::int64_t kStreamNoMax = (std::int64_t{1} << 31U) - 1;
/// A segment as sent, compressed: what a bad link must carry in one piece.
inline constexpr std::size_t kSegmentBytesMax = 64 * 1'024;
/// The columns of a segment, decompressed. Sixteen times the above: no bomb, and lists fit.
inline constexpr std::size_t kSegmentColumnsMax = 4 * 1'024 * 1'024;
/// Most that columns may grow when decompressed. Repeated rows of an import reach about 60.
inline constexpr std::size_t kSegmentRatioMax = 1'000;
/// Events of one segment.
inline constexpr std::size_t kSegmentEventsMax = 65'536;
/// Ops of one segment: forty ops an event in a full one; bounds what a hostile one can unfold to.
inline constexpr std::size_t kSegmentOpsMax = 262'144;
/// Names of events (bases and tips) of one segment that are written in full; a full segment of ours
/// has room for a tenth of that.
inline constexpr std::size_t kSegmentDotsMax = 262'144;
/// Canonical bytes of all events of one segment, so that a small segment cannot unfold into
/// gigabytes through repeated strings.
inline constexpr std::size_t kSegmentCanonicalMax = 32 * 1'024 * 1'024;
/// Certificates from a device up to the root: four tiers and one to spare.
inline constexpr std::size_t kCertificateChainMax = 6;
inline constexpr std::size_t kCertificateBytesMax = 1'024;

// --- sync ----------------------------------------------------------------------------------
/// Segment bytes in one request or reply; the link halves it when it is slow.
inline constexpr std::size_t kPushBytesMax = 1024 * 1'024;
inline constexpr std::size_t kPushBytesMin = 8 * 1'024;
/// Segments in one sync message: 1 MiB of the smallest ones, an evening's single correction each.
inline constexpr std::size_t kMessageSegmentsMax = 8'192;
/// The signed head of a sync message: scopes and tips of a province fit.
inline constexpr std::size_t kSyncHeadBytesMax = 1024 * 1'024;
/// A whole sync request: head, segments and room for their frames.
inline constexpr std::size_t kSyncBodyBytesMax = kPushBytesMax + kSyncHeadBytesMax + 4'096;
/// Segments kept aside because their beginning is not here, for each scope; beyond it the oldest of
/// the author who has the most is given up. Whoever sent it sends it again.
inline constexpr std::size_t kAsideSegmentsMax = 256;
/// Of them by one author, where the author is known: each transaction in the scope tries all again.
inline constexpr std::size_t kAsideAuthorMax = 64;
/// Memory of segments that were read before their turn and wait for the one writer: 200 bytes on
/// the way unfold to 50 MB, so what they unfold to is what counts.
inline constexpr std::size_t kPreparedMemoryMax = 192 * 1'024 * 1'024;
/// Of it, what is set apart for a segment while it is read: so many at once, six, as cores do good.
inline constexpr std::size_t kPreparingMemory = 32 * 1'024 * 1'024;
/// What segments unfold to in memory before their transaction ends and another one goes on: eight
/// usual ones of an import, one or two of the largest. Others get the lock in between.
inline constexpr std::size_t kTakeMemoryMax = 64 * 1'024 * 1'024;
/// Of a stream that was not folded yet so much is read from the log at a time.
inline constexpr std::size_t kFoldMemory = 4 * 1'024 * 1'024;
/// What one transaction may read from the log a second time, for it had waited: honest streams wait
/// for each other once in a while, not at each event.
inline constexpr std::uint64_t kFoldAgainMax = std::uint64_t{4} * 1'024 * 1'024 * 1'024;
/// Such transactions for one request: 1 MiB of an import needs ten. What is left is sent once more.
inline constexpr std::size_t kTakesMax = 32;
/// Scopes in one message: a province after a merge of three.
inline constexpr std::size_t kScopesMax = 16'384;
/// Tips or points of one scope in one message.
inline constexpr std::size_t kTipsMax = 4'096;
/// What one request has unfolded from the log about points in the middle of segments: ours lie at
/// the ends of segments, but for copies of a machine. Two seconds under the lock.
inline constexpr std::size_t kPointsMemoryMax = 256 * 1'024 * 1'024;
/// Hashes of events in the middle of segments that are kept from one question to the next, 8 MiB.
inline constexpr std::size_t kHashesKept = 262'144;
/// Continuations of one stream that are kept as evidence that it was forked; a forger makes any
/// number.
inline constexpr std::size_t kBranchesMax = 16;
/// Half-received segments kept for each device, so that a cut link goes on at byte k.
inline constexpr std::size_t kPartialsMax = 4;
/// Nonces remembered against replay, over all devices.
inline constexpr std::size_t kNoncesMax = 65'536;

// --- bundles -------------------------------------------------------------------------------
/// Who can open one bundle: a unit's devices, or the servers above one; a box costs 80 bytes.
inline constexpr std::size_t kBundleReadersMax = 256;
/// The head of a bundle: scopes, tips and receipts of a province fit.
inline constexpr std::size_t kBundleHeadBytesMax = 16 * 1'024 * 1'024;
/// A part unless another size is asked for: an old stick writes it in two minutes.
inline constexpr std::uint64_t kBundlePartBytesDefault = 512ULL * 1'024 * 1'024;
/// FAT32 has no larger file.
inline constexpr std::uint64_t kBundlePartBytesMax = 4ULL * 1'024 * 1'024 * 1'024 - 1;
/// Below it heads and boxes would outweigh segments.
inline constexpr std::uint64_t kBundlePartBytesMin = 128ULL * 1'024;
/// Parts of one export: numbered in two bytes.
inline constexpr std::size_t kBundlePartsMax = 65'535;
/// Files of ours in one folder, and names that are looked at to find them.
inline constexpr std::size_t kBundleFilesMax = 4'096;
inline constexpr std::size_t kFolderNamesMax = 65'536;
/// Tips that one receipt in a bundle names: a database keeps the whole receipt beside each.
inline constexpr std::size_t kBundleReceiptPointsMax = 64;

// --- HTTP ----------------------------------------------------------------------------------
/// One request of the JSON API: an import of one village's list, with members.
inline constexpr std::size_t kApiBodyBytesMax = 8 * 1'024 * 1'024;
inline constexpr std::size_t kApiPathBytesMax = 2'048;
inline constexpr std::size_t kHttpHeaderBytesMax = 8 * 1'024;
/// Rows of one page of a list.
inline constexpr std::size_t kPageRowsMax = 1'000;
inline constexpr std::size_t kPageRowsDefault = 100;

// --- files ---------------------------------------------------------------------------------
/// Rows of one CSV import: a large commune.
inline constexpr std::size_t kCsvRowsMax = 200'000;
inline constexpr std::size_t kCsvBytesMax = 64 * 1'024 * 1'024;
inline constexpr std::size_t kCsvFieldBytesMax = kTextBytesMax;
inline constexpr std::size_t kCsvColumnsMax = 256;
/// A ticket, or a file of enrolment.
inline constexpr std::size_t kEnrolmentBytesMax = 16 * 1'024;
/// Addresses of one parent in a ticket: in the office, on the mobile network, one to spare.
inline constexpr std::size_t kAddressesMax = 8;
inline constexpr std::size_t kAddressBytesMax = 256;
/// Tickets of one command: the villages of a large district, officers included.
inline constexpr std::size_t kTicketsMax = 2'048;

// --- users and their passwords -------------------------------------------------------------
/// Users of one machine: a province's office.
inline constexpr std::size_t kUsersMax = 256;
/// Name by which a user signs in.
inline constexpr std::size_t kLoginBytesMax = 32;
/// Characters of a password, at least. Length beats rules about digits and signs.
inline constexpr std::size_t kPasswordCharactersMin = 8;
inline constexpr std::size_t kPasswordBytesMax = 1'024;
/// The accounts file: users, each with an envelope, a name and an office.
inline constexpr std::size_t kAccountsBytesMax = 256 * 1'024;
/// Argon2id: three passes over 64 MiB take 0.2 s on a new laptop and a second on one of 2012 with
/// 2 GB, of which a browser leaves so much.
inline constexpr std::uint32_t kPasswordPasses = 3;
inline constexpr std::uint32_t kPasswordMemoryKib = 64 * 1'024;
/// The dearest that a file may ask for: else a foreign file could hold the machine for hours.
inline constexpr std::uint32_t kPasswordPassesMax = 16;
inline constexpr std::uint32_t kPasswordMemoryKibMax = 512 * 1'024;
/// Time without a request after which a person must sign in again: a form filled in with a family
/// in the yard, no longer than an evening's absence.
inline constexpr std::int64_t kSessionIdleMs = 30 * 60'000;
/// Sessions at once on one machine.
inline constexpr std::size_t kSessionsMax = 64;
/// Wrong passwords in a row that cost no wait; each further one doubles it, up to the last.
inline constexpr int kWrongPasswordsFree = 3;
inline constexpr std::int64_t kWrongPasswordWaitMaxMs = 5 * 60'000;
/// Lines of the local record of who read what, and their age: the older ones are dropped. By age
/// none of the newest is, for a clock may be wrong by decades.
inline constexpr std::int64_t kAuditRowsMax = 500'000;
inline constexpr std::int64_t kAuditRowsKept = 50'000;
inline constexpr std::int64_t kAuditDaysMax = 5 * 366;
/// What one such line names.
inline constexpr std::size_t kAuditTextBytesMax = 256;

// --- backups -------------------------------------------------------------------------------
/// What a finder of a backup can read: the accounts, boxes and names.
inline constexpr std::size_t kBackupFrontBytesMax = 1024 * 1'024;
/// What lies in it beside the database and the record of reading: keys, certificates, settings.
inline constexpr std::size_t kBackupSmallFileMax = kAccountsBytesMax;
/// Automatic backups that are kept in a folder: a week's, and of those older the last before each
/// of two upgrades.
inline constexpr std::size_t kBackupsKept = 7;
inline constexpr std::size_t kUpgradeBackupsKept = 2;
/// The least time between two automatic ones of a running program, whatever its wall clock says.
inline constexpr std::int64_t kBackupEveryMs = 20 * 3'600'000;

}  // namespace lalanh::limits
