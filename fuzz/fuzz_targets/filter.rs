//! No text makes `parse_expression` panic or hang.
#![no_main]

use userdex::syntax::{Limits, parse_expression};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _read = parse_expression(text, &Limits::default());
});
