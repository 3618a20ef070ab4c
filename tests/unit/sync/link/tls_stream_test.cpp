#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "shared/platform/platform.h"
#include "sync/link/http_link.h"
#include "tests/support/simple_ports.h"
#include "tests/unit/sync/link/raw_socket.h"
#include "tests/unit/sync/tls/forge.h"

namespace lalanh::sync {
namespace {

using testing::RawServer;
using testing::RawSocket;
using testing::TlsEnd;

constexpr std::int64_t kDeadlineMs = 10'000;

struct Keys {
  Keys() { testing::must(start_crypto().ok()); }
  testing::SeededRandom random{7};
  KeyPair parent = KeyPair::make(random);
  KeyPair other = KeyPair::make(random);
};

/// A link of a child of `parent` to whoever listens at the port.
struct Linked {
  Linked(const KeyPair& parent, std::uint16_t port, HttpTimes times = {},
         std::function<bool()> stopped = {})
      : link(options(parent, port, times, std::move(stopped))) {}
  HttpLinkOptions options(const KeyPair& parent, std::uint16_t port, HttpTimes times,
                          std::function<bool()> stopped) {
    HttpLinkOptions out;
    out.parent = {"127.0.0.1", port};
    out.parent_key = parent.public_key();
    out.clock = clock.get();
    out.times = times;
    out.stopped = std::move(stopped);
    return out;
  }
  std::unique_ptr<Clock> clock = make_system_clock();
  HttpLink link;
};

std::string reply_of(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

/// What a first call comes to when `script` answers.
Error error_with(const KeyPair& parent, const RawServer::Script& script, HttpTimes times = {}) {
  const RawServer server({script});
  Linked to(parent, server.port(), times);
  const auto reply = to.link.post("/s/open", as_bytes("secret"), kDeadlineMs);
  REQUIRE_FALSE(reply.ok());
  CHECK(to.link.bytes_sent() == 0);
  return reply.error();
}

/// A server of TLS that notes what it reads after the handshake.
RawServer::Script tls_server(const TlsContext& context, std::string& heard) {
  return [&heard, context](RawSocket& socket) {
    TlsEnd end(context, socket.native());
    (void)end.accept();
    heard += end.read_until("\r\n\r\n");
  };
}

TEST_CASE("calls and replies of all sizes go over one connection, to the byte") {
  const Keys keys;
  const TlsContext good = testing::good_server(keys.parent);
  const std::string large(limits::kSyncBodyBytesMax, 'x');
  std::string small_heard;
  std::string large_heard;
  std::uint64_t sent = 0;
  {
    const RawServer server({[&](RawSocket& socket) {
      TlsEnd end(good, socket.native());
      testing::must(end.accept());
      small_heard = end.read_message();
      end.write(reply_of(large));
      large_heard = end.read_message();
      end.write(reply_of("done"));
    }});
    Linked to(keys.parent, server.port());
    const auto first = to.link.post("/s/open", as_bytes("small"), kDeadlineMs);
    REQUIRE(first.ok());
    CHECK(first->body.size() == large.size());
    CHECK(first->elapsed_ms >= 0);
    const auto second = to.link.post("/s/push", as_bytes(large), kDeadlineMs);
    REQUIRE(second.ok());
    CHECK(as_text(second->body) == "done");
    sent = to.link.bytes_sent();
  }
  CHECK(small_heard.ends_with("\r\n\r\nsmall"));
  CHECK(large_heard.ends_with("\r\n\r\n" + large));
  CHECK(sent == small_heard.size() + large_heard.size());
}

TEST_CASE("another server of the system is refused before a byte of the request leaves") {
  const Keys keys;
  std::string heard;
  const Error error = error_with(keys.parent, tls_server(testing::good_server(keys.other), heard));
  CHECK(error.name() == "trust.other_server");
  CHECK(error.value("address").starts_with("127.0.0.1:"));
  CHECK(heard.empty());
}

TEST_CASE("a man in the middle with a certificate of his own is refused, whatever he copies") {
  const Keys keys;
  const TlsKeys genuine = *read_tls_file(*make_tls_file(keys.parent));
  const Signature copied = testing::vouch(keys.parent, public_key_info(*genuine.certificate));
  const TlsContext his = testing::any_server(testing::self_signed(
      testing::p256(), [&](X509& certificate, ByteView) { add_signature(certificate, copied); }));
  std::string heard;
  CHECK(error_with(keys.parent, tls_server(his, heard)).name() == "trust.other_server");
  CHECK(heard.empty());
}

TEST_CASE("a web server with its own kind of certificate is not one of ours") {
  const Keys keys;
  std::string heard;
  const TlsContext plain = testing::any_server(testing::self_signed(testing::p256(), {}));
  CHECK(error_with(keys.parent, tls_server(plain, heard)).name() == "trust.not_our_server");
  const TlsContext rsa = testing::any_server(testing::self_signed(TlsKey(EVP_RSA_gen(2'048)), {}));
  CHECK(error_with(keys.parent, tls_server(rsa, heard)).name() == "trust.not_our_server");
  CHECK(heard.empty());
}

TEST_CASE("what does not speak TLS 1.2 or later is told apart") {
  const Keys keys;
  for (const char* bytes :
       {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n"}) {
    INFO(bytes);
    const auto script = [&](RawSocket& socket) {
      socket.read(5);
      socket.write(bytes);
      socket.shutdown_send();
      socket.read_to_end();
    };
    CHECK(error_with(keys.parent, script).name() == "sync.not_tls");
  }
  std::string heard;
  const TlsKeys good = *read_tls_file(*make_tls_file(keys.parent));
  const TlsContext old = testing::any_server(good, TLS1_1_VERSION);
  CHECK(error_with(keys.parent, tls_server(old, heard)).name() == "sync.not_tls");
  CHECK(heard.empty());
}

TEST_CASE("TLS 1.2 serves as well") {
  const Keys keys;
  const TlsContext older =
      testing::any_server(*read_tls_file(*make_tls_file(keys.parent)), TLS1_2_VERSION);
  const RawServer server({[&](RawSocket& socket) {
    TlsEnd end(older, socket.native());
    testing::must(end.accept());
    end.read_message();
    end.write(reply_of("1.2"));
  }});
  Linked to(keys.parent, server.port());
  CHECK(as_text(to.link.post("/s/open", {}, kDeadlineMs)->body) == "1.2");
}

TEST_CASE("a server that ends or resets the handshake, or says nothing, is not reached") {
  const Keys keys;
  const auto gone = [](RawSocket& socket) { socket.read(5); };
  const Error closed = error_with(keys.parent, gone);
  CHECK(closed.name() == "sync.unreachable");
  CHECK(closed.value("why") == "closed by the other side");
  CHECK(error_with(keys.parent, [](RawSocket& socket) { socket.reset(); }).name() ==
        "sync.unreachable");
  const Error silent =
      error_with(keys.parent, [](RawSocket& socket) { socket.read_to_end(); }, {5'000, 300});
  CHECK(silent.name() == "sync.unreachable");
  CHECK(silent.value("why") == "no answer in time");
}

TEST_CASE("a handshake that drips ends at its deadline") {
  const Keys keys;
  const auto clock = make_system_clock();
  const std::int64_t before = clock->steady_ms();
  const Error error =
      error_with(keys.parent,
                 [](RawSocket& socket) {
                   socket.read(5);
                   socket.write(std::string_view("\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", 9));
                   while (socket.write("x")) ::usleep(20'000);
                 },
                 {5'000, 400});
  const std::int64_t took = clock->steady_ms() - before;
  CHECK(error.name() != "sync.not_tls");
  CHECK(took < 5'000);
}

TEST_CASE("a server with no place for one more says so before the handshake") {
  const Keys keys;
  const Error busy = error_with(keys.parent, [](RawSocket& socket) {
    socket.write(std::string_view("\x15\x03\x03\x00\x02\x02\x50", 7));
    socket.shutdown_send();
    socket.read_to_end();
  });
  CHECK(busy.name() == "sync.busy");
  CHECK(busy.value("seconds") == "10");
}

TEST_CASE("a stop ends a handshake that waits") {
  const Keys keys;
  const RawServer server({[](RawSocket& socket) { socket.read_to_end(); }});
  const auto clock = make_system_clock();
  const std::int64_t stop_at = clock->steady_ms() + 200;
  Linked to(keys.parent, server.port(), {}, [&] { return clock->steady_ms() >= stop_at; });
  const auto reply = to.link.post("/s/open", {}, kDeadlineMs);
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().name() == "system.cancelled");
  CHECK(clock->steady_ms() < stop_at + 5'000);
}

TEST_CASE("a reply cut within its body gives back what came, and the link connects anew") {
  const Keys keys;
  const TlsContext good = testing::good_server(keys.parent);
  const bool reset = GENERATE(true, false);
  const RawServer server({
      [&](RawSocket& socket) {
        TlsEnd end(good, socket.native());
        testing::must(end.accept());
        end.read_message();
        end.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of");
        ::usleep(100'000);  // let it arrive
        if (reset) socket.reset();
      },
      [&](RawSocket& socket) {
        TlsEnd end(good, socket.native());
        testing::must(end.accept());
        end.read_message();
        end.write(reply_of("again"));
      },
  });
  Linked to(keys.parent, server.port());
  const auto cut = to.link.post("/s/pull", {}, kDeadlineMs);
  REQUIRE(cut.ok());
  CHECK_FALSE(cut->complete);
  CHECK(as_text(cut->body) == "half of");
  CHECK(cut->cut.value().name() == "sync.cut");
  CHECK(cut->cut.value().value("why") == "closed by the other side");
  CHECK(as_text(to.link.post("/s/open", {}, kDeadlineMs)->body) == "again");
}

TEST_CASE("an end with close_notify and one without are both an end between two calls") {
  const Keys keys;
  const TlsContext good = testing::good_server(keys.parent);
  const bool polite = GENERATE(true, false);
  const auto answer = [&](const char* text) {
    return [&good, polite, text](RawSocket& socket) {
      TlsEnd end(good, socket.native());
      testing::must(end.accept());
      end.read_message();
      end.write(reply_of(text));
      if (polite) SSL_shutdown(end.ssl());
    };
  };
  const RawServer server({answer("one"), answer("two")});
  Linked to(keys.parent, server.port());
  REQUIRE(to.link.post("/s/open", {}, kDeadlineMs).ok());
  ::usleep(50'000);  // the end has arrived
  CHECK(as_text(to.link.post("/s/differ", {}, kDeadlineMs)->body) == "two");
}

TEST_CASE("a bit that is turned on the way is a cut, never a changed reply") {
  const Keys keys;
  const TlsContext good = testing::good_server(keys.parent);
  const RawServer server({[&](RawSocket& socket) {
    TlsEnd end(good, socket.native());
    testing::must(end.accept());
    end.read_message();
    // A record as it would be, but for its bytes.
    socket.write(std::string("\x17\x03\x03", 3) + std::string("\x00\x40", 2) +
                 std::string(64, 'f'));
    socket.read_to_end();
  }});
  Linked to(keys.parent, server.port());
  const auto reply = to.link.post("/s/open", {}, kDeadlineMs);
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.error().name() == "sync.cut");
  CHECK(reply.error().value("why") == "bytes were changed on the way");
}

TEST_CASE("over TLS too, a server that refuses before it has read everything is heard") {
  const Keys keys;
  const TlsContext good = testing::good_server(keys.parent);
  const RawServer server({[&](RawSocket& socket) {
    TlsEnd end(good, socket.native());
    testing::must(end.accept());
    end.read_until("\r\n\r\n");
    end.write(
        "HTTP/1.1 413 Too Large\r\nLalanh-Error: format.limit\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n");
    SSL_shutdown(end.ssl());
    socket.shutdown_send();
    socket.read_to_end();
  }});
  Linked to(keys.parent, server.port());
  const Bytes large(2'000'000, 1);
  const auto reply = to.link.post("/s/push", large, kDeadlineMs);
  REQUIRE(reply.ok());
  CHECK(reply->status == 413);
  CHECK(reply->error_name == "format.limit");
}

}  // namespace
}  // namespace lalanh::sync
