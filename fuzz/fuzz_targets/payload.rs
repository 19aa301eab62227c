//! No body makes reading JSON, or reading a payload of any entity, panic, and no fault of a body is
//! called a fault of the service.
#![no_main]

use std::sync::LazyLock;

use userdex::change::{Json, Reading};
use userdex::diag::Code;
use userdex::model::Model;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().expect("the shipped model loads"));

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let tree = match Json::parse(body) {
        Ok(tree) => tree,
        Err(problem) => return assert!(problem.code().status() < 500, "{problem:?}"),
    };
    for strict in [false, true] {
        let reading = Reading {
            model: &MODEL,
            names: &|_| None,
            strict,
            replace_collections: strict,
        };
        for (entity, of) in MODEL.entities() {
            if let Err(problem) = reading.object(entity, &tree) {
                assert_ne!(problem.code(), Code::Internal, "{problem:?}");
            }
            for (attribute, _) in of.attribute_ids().take(3) {
                if let Err(problem) = reading.property(entity, attribute, &tree) {
                    assert_ne!(problem.code(), Code::Internal, "{problem:?}");
                }
            }
        }
    }
});
