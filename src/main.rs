//! The binary `datainfra`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    data_infrastructure::cli::main()
}
