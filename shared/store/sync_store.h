#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/trust/certificate.h"

namespace lalanh {

/// Sum modulo 2^256 (little-endian 32 bytes) of BLAKE2b-256("lalanh head 1", scope, writer,
/// counter, hash) over heads: additive, so a set of scopes has the sum of its scopes' sums.
using HeadsDigest = Hash;

struct ScopeHeads {
  Scope scope;
  HeadsDigest digest{};
};

/// An event named with the first 8 bytes of its hash: a tip, or a point further back in a line.
struct Point {
  WriterId writer;
  std::uint32_t counter = 0;
  std::array<std::uint8_t, 8> hash{};
  friend bool operator==(const Point&, const Point&) = default;
};

/// A segment in the order of arrival here (the ordinal is local, never reused).
struct SegmentRef {
  std::int64_t ordinal = 0;
  Scope scope;
  WriterId writer;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::size_t bytes = 0;
};

enum class TakeVerdict : std::uint8_t {
  kTaken,    ///< new, verified, durable when take_in returns (folded, or waiting for a cause)
  kKnown,    ///< nothing new in it
  kAside,    ///< its beginning (or a name) is not here: kept within a limit
  kRefused,  ///< see reason; nothing of it is kept
};

struct Taken {
  TakeVerdict verdict = TakeVerdict::kRefused;
  Scope scope;
  WriterId writer;
  std::uint32_t first = 0;
  std::uint32_t count = 0;       ///< as in the segment
  std::uint32_t new_events = 0;  ///< of them, new here
  std::optional<Error> reason;   ///< kRefused; kAside: what is missing
};

/// How far a sync is; for progress bars. Bytes are of segments.
struct SyncProgress {
  std::uint64_t received_bytes = 0;
  std::uint64_t receive_total_bytes = 0;  ///< 0: not known yet; may grow while scopes are asked for
  std::uint64_t sent_bytes = 0;
  std::uint64_t send_total_bytes = 0;
};

/// A segment that one side would not take.
struct SyncRefusal {
  Scope scope;
  WriterId writer;
  std::uint32_t first = 0;
  std::string error;       ///< "domain.code"
  bool by_parent = false;  ///< false: refused here
};

/// What a sync did, for people and logs.
struct SyncSummary {
  std::uint64_t segments_received = 0;
  std::uint64_t segments_sent = 0;
  std::uint64_t events_received = 0;
  std::uint64_t events_sent = 0;
  std::uint64_t bytes_received = 0;  ///< whole bodies
  std::uint64_t bytes_sent = 0;
  std::uint64_t refused = 0;          ///< segments, on either side
  std::vector<SyncRefusal> refusals;  ///< the first 100 of them
  std::uint64_t waiting = 0;          ///< events held here that wait for a cause
  int round_trips = 0;
  bool equal_at_start = false;  ///< nothing was to do
  /// The parent holds less than it had receipted (it was put back): "sent" was taken back.
  bool taken_back = false;
  TimeMs parent_time;
};

/// A parent's word: held durably at `parent_time`. Signed by the parent (`docs/FORMATS.md`).
struct ReceiptPoint {
  Scope scope;
  Point point;
};

/// A tier above this node, and the last event of a line that it holds.
struct HeldAbove {
  Rank rank;
  TimeMs time;  ///< by its clock
  Point point;
};
/// What the parent says that one tier above it holds.
struct KeptAbove {
  Rank rank;
  TimeMs time;
  std::vector<ReceiptPoint> points;
};

/// What a sync session needs of a database. Implemented by Store; tests may fake it. Not
/// thread-safe: the caller holds the node's lock.
class SyncStore {
 public:
  virtual ~SyncStore() = default;

  // --- who -------------------------------------------------------------------------------
  /// Is what is here known to be the newest, by a comparison with a parent or a child since it was
  /// opened (`identity.md`, Servers put back)? Until then nothing is given out: no receipt, no
  /// number. True where nobody asked for it.
  virtual bool compared() const { return true; }
  /// Heads were compared with a parent or a child.
  virtual Status note_compared() { return {}; }
  /// Was the device's key revoked, in a reference channel that is held here, by a device of a
  /// higher rank? It gets no session, and no bundle is sealed to it.
  virtual bool revoked(const CertificateLink& device) {
    (void)device;
    return false;
  }
  /// This device's certificate, with its issuers.
  virtual const Certificate& own_certificate() const = 0;
  virtual const Hash& root_key() const = 0;
  /// A certificate seen before, by its id: of a device that was met, or of a stream alone.
  virtual std::optional<Certificate> known_certificate(const CertificateId& id) = 0;
  /// Is each unit of its chain known to be, or to have been, at or below its issuer's? What the
  /// tree does not say yet is no.
  virtual bool units_fit(const Certificate& certificate) = 0;
  /// Was the device let in with this very certificate before, or certified here?
  virtual Result<bool> met(const Certificate& certificate) = 0;
  /// It was let in: keeps its certificate, so that met() is true from here on.
  virtual Status note_met(const Certificate& certificate) = 0;
  /// The scopes here that a device of `unit` may read: its subtree (all channels) and the
  /// reference channel of its ancestors, by the tree of today; of a unit that is none today those
  /// that it ever had. Reference scopes first, then by unit number; whether or not anything is held
  /// in them yet. Unknown unit: its own scopes alone. A day on which the tree has no unit at all is
  /// a clock that is far off: then whatever was ever below is read.
  virtual Result<std::vector<Scope>> readable_scopes(UnitNo unit) = 0;

  // --- what is held (sealed and verified; the open tail is not counted) ---------------------
  /// Seals the open tail of this device, durably: before anything is compared or sent.
  virtual Status seal() = 0;
  virtual Result<HeadsDigest> heads_digest(Scope scope) = 0;
  /// Tips of the held set, one for each line.
  virtual Result<std::vector<Point>> tips(Scope scope) = 0;
  /// For each line whose tip the parent has not receipted: the last receipted point (if any);
  /// with `deep`, points 1, 2, 4, 8, ... streams back to the line's first as well.
  virtual Result<std::vector<Point>> back_points(Scope scope, bool deep) = 0;
  /// Is the point held here, with that hash?
  virtual Result<bool> holds(Scope scope, const Point& point) = 0;
  /// Memory of events that were unfolded from the log to tell about points, ever: for who bounds
  /// what one request may cost.
  virtual std::uint64_t log_read() const { return 0; }
  /// Tips of the held set that are not at or before a point that the parent receipted. Empty: all
  /// that is held here was receipted, so no receipt need be asked for.
  virtual Result<std::vector<Point>> unreceipted(Scope scope) = 0;
  /// Is unreceipted() empty? Asked of every readable scope at each idle sync, so a store should
  /// answer without reading the scope's streams.
  virtual Result<bool> all_receipted(Scope scope) {
    TRY_ASSIGN(const std::vector<Point> points, unreceipted(scope));
    return points.empty();
  }
  /// Segments of the scope with an event that is not at or before one of `known` (points that are
  /// not held here are ignored, and those beyond kPointsMemoryMax), in order of arrival.
  virtual Result<std::vector<SegmentRef>> missing(Scope scope, std::span<const Point> known) = 0;
  virtual Result<Bytes> segment_bytes(std::int64_t ordinal) = 0;

  // --- taking in ---------------------------------------------------------------------------
  /// Reads a segment before its turn, so that take_in of the same bytes is quicker. Changes
  /// nothing. False: there is no room for more. The one call that is thread-safe and needs no lock.
  virtual bool prepare(ByteView segment) {
    (void)segment;
    return false;
  }
  /// Verifies, keeps and folds, in one transaction where they unfold to no more than
  /// kTakeMemoryMax, else in several; durable on return. One verdict for each segment, in order. An
  /// Error is a fault of this database (nothing was taken by the transaction that met it).
  virtual Result<std::vector<Taken>> take_in(std::span<const Bytes> segments) = 0;
  /// The first of these such transactions: verdicts for the first segments, one at least. For who
  /// lets the lock go before the rest.
  virtual Result<std::vector<Taken>> take_some(std::span<const Bytes> segments) {
    return take_in(segments);
  }
  /// Events held here that wait for a cause.
  virtual Result<std::uint64_t> waiting_events() = 0;

  // --- a unit that hangs elsewhere now (`identity.md`, Rights) -------------------------------
  /// Records here that a device of `unit` could read once and reads no more, by this machine's
  /// clock and by the parent's: what the parent lacks of them is handed over.
  virtual Result<std::vector<Scope>> left_scopes(UnitNo unit, TimeMs parent_time) {
    (void)unit, (void)parent_time;
    return std::vector<Scope>();
  }
  /// Is what a child of `unit` holds of the scope taken, though it reads it no more? Where it and
  /// this machine could both read it once.
  virtual Result<bool> may_hand_over(Scope scope, UnitNo unit) {
    (void)scope, (void)unit;
    return false;
  }

  // --- half segments (a cut link goes on at byte k) -------------------------------------------
  // `from`: the child's device number; 0 stands for the parent, whoever it is.
  struct Partial {
    std::array<std::uint8_t, 16> digest{};  ///< first 16 bytes of BLAKE2b-256 of the segment
    std::uint64_t received = 0;
  };
  virtual Result<std::vector<Partial>> partials(DeviceNo from) = 0;
  virtual Result<Bytes> partial_bytes(DeviceNo from,
                                      const std::array<std::uint8_t, 16>& digest) = 0;
  /// Replaces what is kept under the digest; keeps the newest kPartialsMax for each device.
  virtual Status keep_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest,
                              ByteView bytes) = 0;
  virtual Status drop_partial(DeviceNo from, const std::array<std::uint8_t, 16>& digest) = 0;

  // --- receipts and contacts -----------------------------------------------------------------
  /// Keeps the parent's receipt for these points (client side); raises, never lowers.
  virtual Status keep_receipt(std::span<const ReceiptPoint> points, TimeMs parent_time,
                              ByteView signed_bytes) = 0;
  /// The parent showed other heads than it receipted: forgets what it no longer holds, so that
  /// "sent" is taken back. `held` are the points among ours that it does hold.
  virtual Status take_back_receipts(Scope scope, std::span<const Point> held) = 0;
  /// Changes whenever what the tiers above hold is told anew (server side); 0: nothing is known.
  virtual Result<std::uint64_t> above_version() { return std::uint64_t{0}; }
  /// The last such number of the parent's that was taken in whole (client side).
  virtual Result<std::uint64_t> above_seen() { return std::uint64_t{0}; }
  virtual Status note_above_seen(std::uint64_t version) {
    (void)version;
    return {};
  }
  /// What each tier above holds of the line that ends at the point.
  virtual Result<std::vector<HeldAbove>> held_above(Scope scope, const Point& point) {
    (void)scope, (void)point;
    return std::vector<HeldAbove>();
  }
  /// Keeps what was said about the line that ends at `tip`, in place of what was said before.
  virtual Status keep_above(Scope scope, const Point& tip, std::span<const KeptAbove> said) {
    (void)scope, (void)tip, (void)said;
    return {};
  }
  /// A child asked (server side): the local row of its last contact.
  virtual Status note_contact(DeviceNo device, UnitNo unit, TimeMs now) = 0;
  /// The parent answered (client side): its time, for the clock's grade.
  virtual Status note_parent_time(TimeMs parent_time) = 0;
};

}  // namespace lalanh
