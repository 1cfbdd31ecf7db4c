//! The command line: reads what was asked, and runs it.

fn main() {}
