#include "core/net/static_files.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>

namespace ekiden::net {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    std::string name = (fs::temp_directory_path() / "ekiden-files-XXXXXX").string();
    base_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
    fs::create_directories(base_ / "ui/js");
    write("secret.txt", "secret");
    write("ui/index.html", "<p>page");
    write("ui/js/main.js", script_);
    files_ = std::make_unique<StaticFiles>((base_ / "ui").string(), "/ui");
  }

  ~StaticFilesTest() override {
    std::error_code ignored;
    fs::remove_all(base_, ignored);
  }

  void write(const std::string& name, const std::string& content) {
    std::ofstream(base_ / name) << content;
  }

  Response get(const std::string& path, const Headers& headers = {}) {
    Request request;
    request.method = "GET";
    request.path = path;
    request.headers = headers;
    return files_->answer(request);
  }

  static Headers with(const std::string& name, const std::string& value) {
    Headers headers;
    headers.set(name, value);
    return headers;
  }

  std::string script_ = "// " + std::string(5000, 'x');
  fs::path base_;
  std::unique_ptr<StaticFiles> files_;
};

TEST_F(StaticFilesTest, ServesAFileWithItsTypeAndGuards) {
  const Response response = get("/ui/js/main.js");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(*response.shared_body, script_);
  EXPECT_EQ(response.headers.get("Content-Type"), "text/javascript;charset=utf-8");
  EXPECT_EQ(response.headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_TRUE(response.headers.get("Content-Security-Policy")->starts_with("default-src 'self'"));
}

TEST_F(StaticFilesTest, ServesTheIndexOfAFolder) {
  EXPECT_EQ(*get("/ui/").shared_body, "<p>page");
  EXPECT_EQ(*get("/ui/index.html").shared_body, "<p>page");
  EXPECT_EQ(get("/ui/js/").status, 404);
}

TEST_F(StaticFilesTest, SendsAFolderWithoutSlashToTheOneWithIt) {
  const Response response = get("/ui");
  EXPECT_EQ(response.status, 301);
  EXPECT_EQ(response.headers.get("Location"), "/ui/");
}

TEST_F(StaticFilesTest, Answers304ForTheSameContent) {
  const std::string tag(*get("/ui/js/main.js").headers.get("ETag"));
  EXPECT_EQ(get("/ui/js/main.js", with("If-None-Match", tag)).status, 304);
  EXPECT_EQ(get("/ui/js/main.js", with("If-None-Match", "\"a\", W/" + tag)).status, 304);
  EXPECT_EQ(get("/ui/js/main.js", with("If-None-Match", "\"other\"")).status, 200);
}

TEST_F(StaticFilesTest, SeesAChangedFile) {
  const std::string tag(*get("/ui/js/main.js").headers.get("ETag"));
  write("ui/js/main.js", "changed");
  const Response response = get("/ui/js/main.js", with("If-None-Match", tag));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(*response.shared_body, "changed");
}

TEST_F(StaticFilesTest, CompressesTextForWhoAcceptsIt) {
  const Response packed = get("/ui/js/main.js", with("Accept-Encoding", "br, gzip;q=0.5"));
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.headers.get("Vary"), "Accept-Encoding");
  EXPECT_LT(packed.shared_body->size(), 200u);
  EXPECT_NE(packed.headers.get("ETag"), get("/ui/js/main.js").headers.get("ETag"));
  std::string text(script_.size(), '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string input = *packed.shared_body;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(text, script_);
  for (const char* refusal : {"", "identity", "gzip;q=0", "gzip;q=0.0"}) {
    EXPECT_EQ(
        get("/ui/js/main.js", with("Accept-Encoding", refusal)).headers.get("Content-Encoding"),
        std::nullopt)
        << refusal;
  }
}

TEST_F(StaticFilesTest, NeverLeavesItsFolder) {
  fs::create_symlink(base_ / "secret.txt", base_ / "ui/link.txt");
  fs::create_directory_symlink(base_, base_ / "ui/up");
  for (const char* path : {"/ui/../secret.txt",
                           "/ui/%2e%2e/secret.txt",
                           "/ui/js/../../secret.txt",
                           "/ui/..%2fsecret.txt",
                           "/ui/js%2fmain.js",
                           "/ui/link.txt",
                           "/ui/up/secret.txt",
                           "/ui/js/main.js%00.html",
                           "/uisecret",
                           "/secret.txt",
                           "/ui/nothing",
                           "/ui/..",
                           ""}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(StaticFilesTest, FollowsLinksThatStayInside) {
  fs::create_symlink("js/main.js", base_ / "ui/inside.js");
  EXPECT_EQ(get("/ui/inside.js").status, 200);
}

TEST_F(StaticFilesTest, OnlyReads) {
  Request request;
  request.method = "POST";
  request.path = "/ui/";
  EXPECT_EQ(files_->answer(request).status, 405);
}

}  // namespace
}  // namespace ekiden::net
