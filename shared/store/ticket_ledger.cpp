#include "shared/store/ticket_ledger.h"

#include <algorithm>

namespace lalanh {
namespace {

constexpr const char* kColumns =
    "SELECT id, secret, unit, role, rank, name, device, block, addresses, made, expires, cancelled,"
    " key, used, refused, refused_at FROM ticket";

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = (std::min)(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix((std::min)(end + 1, text.size()));
  }
  return out;
}

template <std::size_t N>
void take(ByteView from, std::array<std::uint8_t, N>& to) {
  std::copy_n(from.begin(), (std::min)(from.size(), N), to.begin());
}

std::optional<TimeMs> time_at(Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return TimeMs(row.integer(column));
}

KeptTicket ticket_of(Statement& row) {
  KeptTicket out;
  take(row.blob(0), out.id);
  take(row.blob(1), out.secret);
  out.unit = UnitNo(static_cast<std::uint32_t>(row.integer(2)));
  out.role = static_cast<DeviceRole>(row.integer(3));
  out.rank = Rank(static_cast<std::uint8_t>(row.integer(4)));
  out.name = row.text(5);
  out.device = DeviceNo(static_cast<std::uint32_t>(row.integer(6)));
  out.block = static_cast<std::uint32_t>(row.integer(7));
  out.addresses = lines_of(row.text(8));
  out.made = TimeMs(row.integer(9));
  out.expires = TimeMs(row.integer(10));
  out.cancelled = time_at(row, 11);
  if (!row.is_null(12)) {
    out.key.emplace();
    take(row.blob(12), *out.key);
  }
  out.used = time_at(row, 13);
  out.refused = row.integer(14);
  out.refused_at = time_at(row, 15);
  return out;
}

}  // namespace

Result<std::vector<KeptTicket>> TicketLedger::read(Statement select) {
  std::vector<KeptTicket> out;
  for (;;) {
    TRY_ASSIGN(const bool row, select.step());
    if (!row) return out;
    out.push_back(ticket_of(select));
  }
}

Result<std::vector<KeptTicket>> TicketLedger::all() {
  TRY_ASSIGN(Statement select, core_.db->prepare(std::string(kColumns) + " ORDER BY device"));
  return read(std::move(select));
}

Result<std::optional<KeptTicket>> TicketLedger::find(const TicketId& id) {
  TRY_ASSIGN(Statement select, core_.db->prepare(std::string(kColumns) + " WHERE id=?"));
  select.bind(1, id);
  TRY_ASSIGN(std::vector<KeptTicket> found, read(std::move(select)));
  if (found.empty()) return std::optional<KeptTicket>();
  return std::optional<KeptTicket>(std::move(found.front()));
}

Status TicketLedger::add(const KeptTicket& ticket) {
  TRY_ASSIGN(Statement insert,
             core_.db->prepare("INSERT INTO ticket (id, secret, unit, role, rank, name, device,"
                               " block, addresses, made, expires, refused)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"));
  insert.bind(1, ticket.id).bind(2, ticket.secret).bind(3, ticket.unit.value);
  insert.bind(4, static_cast<std::int64_t>(ticket.role)).bind(5, ticket.rank.value);
  insert.bind_text(6, ticket.name).bind(7, ticket.device.value).bind(8, ticket.block);
  const std::string addresses = joined(ticket.addresses);
  insert.bind_text(9, addresses).bind(10, ticket.made.value);
  insert.bind(11, ticket.expires.value);
  return insert.run();
}

Status TicketLedger::cancel(const TicketId& id) {
  TRY_ASSIGN(Statement update, core_.db->prepare("UPDATE ticket SET cancelled=?2 WHERE id=?1"));
  update.bind(1, id).bind(2, core_.options.clock->now().value);
  return update.run();
}

Status TicketLedger::note_refused(const TicketId& id) {
  TRY_ASSIGN(Statement update,
             core_.db->prepare("UPDATE ticket SET refused=refused + 1, refused_at=?2 WHERE id=?1"));
  update.bind(1, id).bind(2, core_.options.clock->now().value);
  return update.run();
}

Result<Bytes> TicketLedger::certificate(const KeptTicket& ticket) {
  TRY_ASSIGN(Statement select, core_.db->prepare("SELECT certificate FROM issued WHERE device=?"));
  select.bind(1, ticket.device.value);
  TRY_ASSIGN(const bool row, select.step());
  const ByteView bytes = row ? select.blob(0) : ByteView();
  return Bytes(bytes.begin(), bytes.end());
}

Status TicketLedger::use(const KeptTicket& ticket, const Hash& key, ByteView certificate) {
  TRY_ASSIGN(Transaction transaction, Transaction::begin(*core_.db));
  const std::int64_t now = core_.options.clock->now().value;
  TRY_ASSIGN(Statement update, core_.db->prepare("UPDATE ticket SET key=?2, used=?3 WHERE id=?1"));
  update.bind(1, ticket.id).bind(2, key).bind(3, now);
  TRY(update.run());
  TRY_ASSIGN(Statement insert,
             core_.db->prepare("INSERT INTO issued (device, block, unit, certificate, at)"
                               " VALUES (?, ?, ?, ?, ?)"));
  insert.bind(1, ticket.device.value).bind(2, ticket.block).bind(3, ticket.unit.value);
  insert.bind(4, certificate).bind(5, now);
  TRY(insert.run());
  return transaction.commit();
}

Result<std::uint64_t> TicketLedger::next_number() {
  TRY_ASSIGN(const std::int64_t next,
             core_.db->integer("SELECT ifnull(max(device + block), 0) FROM ticket"));
  return static_cast<std::uint64_t>(next);
}

Result<bool> TicketLedger::any_issued() {
  TRY_ASSIGN(const std::int64_t any, core_.db->integer("SELECT EXISTS (SELECT 1 FROM issued)"));
  return any != 0;
}

}  // namespace lalanh
