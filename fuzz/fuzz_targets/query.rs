//! No text makes `parse_query` panic or hang.
#![no_main]

use userdex::syntax::{Limits, parse_query};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _read = parse_query(text, &Limits::default());
});
