#include "cli/commands.h"

int main(int argc, char** argv) {
  return ekiden::cli::run(argc, argv);
}
