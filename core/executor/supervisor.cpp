#include "core/executor/supervisor.h"

#include "core/api/agent_operator.h"
#include "core/api/recordio.h"
#include "core/base/strings.h"
#include "core/executor/cgroup_files.h"
#include "core/json/json.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <memory>
#include <set>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace ekiden::executor {
namespace {

namespace asio = boost::asio;
using api::agent_operator::ProcessIo;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 32 * 1024;
constexpr std::size_t kClientsMax = 64;
constexpr std::size_t kRecordMax = 1024 * 1024;     // of one client's record
constexpr std::size_t kPauseBytes = 1024 * 1024;    // waiting for the session's owner: stop reading
constexpr std::size_t kCutBytes = 4 * 1024 * 1024;  // waiting for anybody else: let go of it
constexpr std::size_t kInputBytesMax = 1024 * 1024;  // waiting for the command to read
constexpr auto kFirstClient = std::chrono::seconds(30);
constexpr auto kDrain = std::chrono::seconds(5);
constexpr auto kKillAgain = std::chrono::milliseconds(100);
constexpr int kCannotStart = 127 << 8;

// In our own folder, by a path that is short enough for a socket's address.
std::string socket_path(int folder) {
  return fmt::format("/proc/self/fd/{}/io", folder);
}

// Whole or not at all: the agent may look at any moment.
void write_status(const std::string& folder, int status, const std::string& message) {
  const std::string fresh = folder + "/status.new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string text = fmt::format("{}\n{}\n", status, message);
  if (fd < 0 || ::write(fd, text.data(), text.size()) < 0 || ::fsync(fd) != 0) {
    std::perror("cannot write how this container ended");
  }
  ::close(fd);
  ::rename(fresh.c_str(), (folder + "/status").c_str());
}

std::string record(ProcessIo::Data::Type type, std::string bytes) {
  ProcessIo message;
  message.type = ProcessIo::Type::data;
  message.data = ProcessIo::Data{type, std::move(bytes)};
  return api::recordio_frame(json::encode(message, json::kMesos));
}

struct Client {
  explicit Client(stream_protocol::socket a_socket) : socket(std::move(a_socket)) {}

  stream_protocol::socket socket;
  char kind = 0;
  bool owner = false;
  bool writing = false;
  std::array<char, kReadBytes> buffer{};
  api::RecordIoDecoder decoder{kRecordMax};
  std::deque<std::shared_ptr<const std::string>> queue;
  std::size_t queued = 0;
};

using Shared = std::shared_ptr<Client>;

// A descriptor of ours at the command's output.
struct Source {
  Source(asio::io_context& context, int fd, ProcessIo::Data::Type a_type, int a_copy)
      : descriptor(context, fd), type(a_type), copy(a_copy) {}

  asio::posix::stream_descriptor descriptor;
  ProcessIo::Data::Type type;
  int copy;  // our own output, that gets the same; -1: none
  bool reading = false;
  bool open = true;
  std::array<char, kReadBytes> buffer{};
};

class Supervisor {
 public:
  Supervisor(net::Loop& loop,
             const Supervision& supervision,
             std::vector<std::string> command,
             std::optional<User> user)
      : loop_(loop),
        supervision_(supervision),
        command_(std::move(command)),
        user_(std::move(user)),
        processes_(loop, {}),
        signals_(loop.context()),
        acceptor_(loop.context()),
        input_(loop.context()),
        timer_(loop, [this] { on_timer(); }),
        rows_(supervision.rows),
        columns_(supervision.columns) {}

  void run() {
    std::signal(SIGPIPE, SIG_IGN);
    for (int number = 1; number <= kSignalMax; ++number) {
      signals_.add(supervisor_signal(number));
    }
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
      signals_.add(number);
    }
    wait_for_signal();
    if (supervision_.io != Supervision::Io::files && !listen()) {
      end(kCannotStart, "cannot make the socket of the container's terminal");
    } else if (supervision_.session) {
      timer_.set_after(kFirstClient);
    } else {
      start();
    }
    loop_.run();
  }

  int status() const { return exit_status_; }

  const std::string& message() const { return exit_message_; }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](const error_code& error, int number) {
      if (error) {
        return;
      }
      const int meant = number >= SIGRTMIN ? number - SIGRTMIN : number;
      if (meant == SIGKILL || pid_ == 0) {
        kill_all();
      } else {
        ::kill(pid_, meant);
      }
      wait_for_signal();
    });
  }

  // Again until it is over: what forks while we look is found the next time.
  void kill_all() {
    killing_ = true;
    processes_.signal_all(SIGKILL);
    if (pid_ == 0 && !ended_) {
      end(SIGKILL, "Container was killed before its command started");
      return;
    }
    if (!ended_) {
      timer_.set_after(kKillAgain);
    }
  }

  void on_timer() {
    if (ended_) {
      loop_.stop();
    } else if (pid_ == 0) {
      end(kCannotStart, "nobody came for the session");
    } else if (killing_) {
      kill_all();
    }
  }

  // ---- the command
  void start() {
    ProcessSpec spec;
    spec.program = command_.front();
    spec.argv = command_;
    spec.environment = own_environment();
    spec.user = user_;
    std::vector<int> theirs;
    const bool ready = supervision_.io == Supervision::Io::files      ? true
                       : supervision_.io == Supervision::Io::terminal ? open_terminal(spec, theirs)
                                                                      : open_pipes(spec, theirs);
    const Result<int> pid =
        ready ? processes_.start(spec, [this](int status) { exited(status); })
              : Result<int>(fail(ErrorCode::internal, "cannot open a terminal or pipes"));
    for (const int fd : theirs) {
      ::close(fd);
    }
    if (!pid) {
      fmt::print(stderr, "{}\n", pid.error().message);
      end(kCannotStart, pid.error().message);
      return;
    }
    pid_ = *pid;
    timer_.cancel();
    write_input();
    for (const auto& source : sources_) {
      read(*source);
    }
  }

  bool open_terminal(ProcessSpec& spec, std::vector<int>& theirs) {
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64] = {};
    if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
        ::ptsname_r(master, name, sizeof name) != 0) {
      return false;
    }
    const int slave = ::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) {
      return false;
    }
    if (spec.user && ::fchown(slave, spec.user->uid, static_cast<gid_t>(-1)) != 0) {
      std::perror("cannot give the terminal to its user");
    }
    theirs.push_back(slave);
    terminal_ = master;
    resize(rows_, columns_);
    spec.stdio = {slave, slave, slave};
    spec.terminal = true;
    input_.assign(::dup(master));
    add_source(master, ProcessIo::Data::Type::out, STDOUT_FILENO);
    return true;
  }

  bool open_pipes(ProcessSpec& spec, std::vector<int>& theirs) {
    int pipes[3][2];
    for (auto& one : pipes) {
      if (::pipe2(one, O_CLOEXEC) != 0) {
        return false;
      }
    }
    spec.stdio = {pipes[0][0], pipes[1][1], pipes[2][1]};
    theirs.assign(spec.stdio.begin(), spec.stdio.end());
    input_.assign(pipes[0][1]);
    add_source(pipes[1][0], ProcessIo::Data::Type::out, STDOUT_FILENO);
    add_source(pipes[2][0], ProcessIo::Data::Type::err, STDERR_FILENO);
    return true;
  }

  void add_source(int fd, ProcessIo::Data::Type type, int copy) {
    sources_.push_back(
        std::make_unique<Source>(loop_.context(), fd, type, supervision_.session ? -1 : copy));
  }

  void exited(int status) {
    processes_.signal_all(SIGKILL);  // what it left behind goes with it
    end(status, "");
  }

  void end(int status, const std::string& message) {
    if (std::exchange(ended_, true)) {
      return;
    }
    // A moment, so that what it wrote last still reaches everybody.
    exit_status_ = status;
    exit_message_ = message;
    timer_.set_after(kDrain);
    leave_if_done();
  }

  void leave_if_done() {
    if (!ended_) {
      return;
    }
    for (const auto& source : sources_) {
      if (source->open) {
        return;
      }
    }
    for (const Shared& client : clients_) {
      if (client->queued > 0) {
        return;
      }
    }
    loop_.stop();
  }

  // ---- output
  bool owner_is_behind() const {
    for (const Shared& client : clients_) {
      if (client->owner && client->queued > kPauseBytes) {
        return true;
      }
    }
    return false;
  }

  void read(Source& source) {
    if (source.reading || !source.open || owner_is_behind()) {
      return;
    }
    source.reading = true;
    source.descriptor.async_read_some(
        asio::buffer(source.buffer), [this, &source](const error_code& error, std::size_t count) {
          source.reading = false;
          if (error) {  // a terminal says EIO when nobody has it open any more
            source.open = false;
            leave_if_done();
            return;
          }
          output(source, std::string(source.buffer.data(), count));
          read(source);
        });
  }

  void output(const Source& source, std::string bytes) {
    if (source.copy >= 0 && ::write(source.copy, bytes.data(), bytes.size()) < 0) {
      std::perror("cannot write the container's output");
    }
    const auto text = std::make_shared<const std::string>(record(source.type, std::move(bytes)));
    const auto all = clients_;
    for (const Shared& client : all) {
      if (client->kind == kOutputClient) {
        send(client, text);
      }
    }
  }

  void send(const Shared& client, std::shared_ptr<const std::string> text) {
    if (!client->owner && client->queued > kCutBytes) {
      drop(client);
      return;
    }
    client->queued += text->size();
    client->queue.push_back(std::move(text));
    write(client);
  }

  void write(const Shared& client) {
    if (client->writing || client->queue.empty()) {
      return;
    }
    client->writing = true;
    const auto text = client->queue.front();
    asio::async_write(client->socket,
                      asio::buffer(*text),
                      [this, client, text](const error_code& error, std::size_t) {
                        client->writing = false;
                        client->queued -= text->size();
                        client->queue.pop_front();
                        if (error) {
                          drop(client);
                          return;
                        }
                        write(client);
                        for (const auto& source : sources_) {
                          read(*source);
                        }
                        leave_if_done();
                      });
  }

  // ---- clients
  bool listen() {
    const int folder = ::open(supervision_.state.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
      return false;
    }
    ::unlink((supervision_.state + "/io").c_str());
    error_code error;
    const stream_protocol::endpoint endpoint(socket_path(folder));
    const mode_t before = ::umask(0077);
    acceptor_.open(stream_protocol(), error);
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    ::umask(before);
    ::close(folder);
    if (error) {
      fmt::print(stderr, "cannot listen in {}: {}\n", supervision_.state, error.message());
      return false;
    }
    accept();
    return true;
  }

  void accept() {
    acceptor_.async_accept([this](const error_code& error, stream_protocol::socket socket) {
      if (!error) {
        if (clients_.size() < kClientsMax) {
          const auto client = std::make_shared<Client>(std::move(socket));
          clients_.insert(client);
          greet(client);
        }
        accept();
      }
    });
  }

  void greet(const Shared& client) {
    asio::async_read(
        client->socket,
        asio::buffer(client->buffer.data(), 1),
        [this, client](const error_code& error, std::size_t) {
          client->kind = client->buffer[0];
          if (error || (client->kind != kInputClient && client->kind != kOutputClient)) {
            drop(client);
            return;
          }
          if (client->kind == kOutputClient && supervision_.session && pid_ == 0) {
            client->owner = true;
            start();
          }
          receive(client);
        });
  }

  // Of those who only listen nothing but the end comes.
  void receive(const Shared& client) {
    if (client->kind == kInputClient && pending_input_ > kInputBytesMax) {
      waiting_clients_.push_back(client);
      return;
    }
    client->socket.async_read_some(
        asio::buffer(client->buffer), [this, client](const error_code& error, std::size_t count) {
          if (error || !take(client, std::string_view(client->buffer.data(), count))) {
            drop(client);
            return;
          }
          receive(client);
        });
  }

  bool take(const Shared& client, std::string_view bytes) {
    if (client->kind != kInputClient) {
      return true;
    }
    const auto records = client->decoder.feed(bytes);
    if (!records) {
      return false;
    }
    for (const std::string& text : *records) {
      const auto message = json::decode<ProcessIo>(std::string_view(text), json::kMesos);
      if (!message) {
        return false;
      }
      obey(*message);
    }
    return true;
  }

  void obey(const ProcessIo& message) {
    if (message.data && message.data->type == ProcessIo::Data::Type::in) {
      feed(message.data->data);
    } else if (message.control && message.control->tty_info &&
               message.control->tty_info->window_size) {
      resize(message.control->tty_info->window_size->rows,
             message.control->tty_info->window_size->columns);
    }
  }

  void drop(const Shared& client) {
    if (clients_.erase(client) == 0) {
      return;
    }
    error_code ignored;
    client->socket.close(ignored);
    if (client->owner && !ended_) {
      kill_all();
    }
    for (const auto& source : sources_) {
      read(*source);
    }
    leave_if_done();
  }

  // ---- input
  void feed(const std::string& bytes) {
    if (bytes.empty()) {
      input_ends_ = true;
    } else if (!input_ends_ || terminal_ >= 0) {
      pending_input_ += bytes.size();
      input_queue_.push_back(bytes);
    }
    write_input();
  }

  void write_input() {
    if (writing_input_ || (pid_ == 0 && !ended_)) {
      return;  // under way, or kept for a command that is about to start
    }
    if (input_queue_.empty()) {
      if (input_ends_ && terminal_ < 0 && input_.is_open()) {
        error_code ignored;
        input_.close(ignored);
      }
      return;
    }
    if (!input_.is_open()) {
      input_queue_.clear();
      pending_input_ = 0;
      return;
    }
    writing_input_ = true;
    asio::async_write(
        input_, asio::buffer(input_queue_.front()), [this](const error_code& error, std::size_t) {
          writing_input_ = false;
          pending_input_ -= input_queue_.front().size();
          input_queue_.pop_front();
          if (error) {  // nobody reads it any more
            input_queue_.clear();
            pending_input_ = 0;
          }
          for (const Shared& client : std::exchange(waiting_clients_, {})) {
            receive(client);
          }
          write_input();
        });
  }

  // Also before there is a terminal.
  void resize(unsigned rows, unsigned columns) {
    rows_ = rows;
    columns_ = columns;
    if (terminal_ >= 0 && rows > 0 && columns > 0) {
      winsize size{};
      size.ws_row = static_cast<unsigned short>(rows);
      size.ws_col = static_cast<unsigned short>(columns);
      ::ioctl(terminal_, TIOCSWINSZ, &size);
    }
  }

  net::Loop& loop_;
  const Supervision& supervision_;
  const std::vector<std::string> command_;
  const std::optional<User> user_;
  Processes processes_;
  asio::signal_set signals_;
  stream_protocol::acceptor acceptor_;
  asio::posix::stream_descriptor input_;
  net::Timer timer_;
  unsigned rows_;
  unsigned columns_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::set<Shared> clients_;
  std::vector<Shared> waiting_clients_;
  std::deque<std::string> input_queue_;
  std::size_t pending_input_ = 0;
  bool writing_input_ = false;
  bool input_ends_ = false;
  int terminal_ = -1;
  int pid_ = 0;
  bool killing_ = false;
  bool ended_ = false;
  int exit_status_ = 0;
  std::string exit_message_;
};

}  // namespace

bool read_option(const std::string& name, const std::string& value, Supervision& supervision) {
  if (name == "--state") {
    supervision.state = value;
  } else if (name == "--io") {
    supervision.io = value == "terminal" ? Supervision::Io::terminal
                     : value == "pipes"  ? Supervision::Io::pipes
                                         : Supervision::Io::files;
  } else if (name == "--session") {
    supervision.session = value == "true";
  } else if (name == "--window") {
    const auto parts = split(value, 'x');
    supervision.rows = static_cast<unsigned>(parse_int(parts[0]).value_or(0));
    supervision.columns =
        parts.size() < 2 ? 0 : static_cast<unsigned>(parse_int(parts[1]).value_or(0));
  } else {
    return false;
  }
  return true;
}

int supervise(net::Loop& loop,
              const Supervision& supervision,
              const std::vector<std::string>& command,
              const std::optional<User>& user) {
  Supervisor supervisor(loop, supervision, command, user);
  supervisor.run();
  write_status(supervision.state, supervisor.status(), supervisor.message());
  return 0;
}

}  // namespace ekiden::executor
