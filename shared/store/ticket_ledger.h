#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/store/core.h"
#include "shared/trust/ticket.h"

namespace lalanh {

/// A ticket as the server that made it keeps it.
struct KeptTicket {
  TicketId id{};
  Hash secret{};  ///< ticket_secret_hash of it
  UnitNo unit;
  DeviceRole role = DeviceRole::kVillage;
  Rank rank;
  std::string name;
  DeviceNo device;
  std::uint32_t block = 1;
  std::vector<std::string> addresses;
  TimeMs made;
  TimeMs expires;
  std::optional<TimeMs> cancelled;
  std::optional<Hash> key;  ///< of the device that used it
  std::optional<TimeMs> used;
  std::int64_t refused = 0;  ///< how often somebody else tried it
  std::optional<TimeMs> refused_at;

  bool open() const { return !key && !cancelled; }
};

/// Tables ticket and issued: who may be certified, and who was. Not thread-safe: the node guards
/// it. What is written is durable on return unless the caller holds a transaction. Errors: store.*
class TicketLedger {
 public:
  /// `core` outlives it.
  explicit TicketLedger(StoreCore& core) : core_(core) {}

  /// In the order in which they were made.
  Result<std::vector<KeptTicket>> all();
  Result<std::optional<KeptTicket>> find(const TicketId& id);
  Status add(const KeptTicket& ticket);
  Status cancel(const TicketId& id);
  Status note_refused(const TicketId& id);
  /// The certificate given for the ticket; empty where there is none.
  Result<Bytes> certificate(const KeptTicket& ticket);
  /// The ticket is used by this key, with this certificate: both or neither.
  Status use(const KeptTicket& ticket, const Hash& key, ByteView certificate);
  /// The first number above all that were ever given out here; 0 where none was.
  Result<std::uint64_t> next_number();
  /// Has anybody ever been certified here?
  Result<bool> any_issued();

 private:
  Result<std::vector<KeptTicket>> read(Statement select);
  StoreCore& core_;
};

}  // namespace lalanh
