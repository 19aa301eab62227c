//! No address makes parsing, binding or writing the statements panic, and no fault of an address
//! is called a fault of the service.
#![no_main]

use std::sync::LazyLock;

use userdex::bind::{Rights, bind};
use userdex::diag::Code;
use userdex::model::Model;
use userdex::plan::{Context, Plan, QueryLimits, TokenKey, TopMeaning};
use userdex::sql::{DialectName, text};
use userdex::syntax::{Limits, parse_request};
use userdex::value::{Language, Timestamp};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().expect("the shipped model loads"));

libfuzzer_sys::fuzz_target!(|address: &str| {
    let context = Context {
        language: Language::default(),
        now: Timestamp::from_micros(0),
        limits: QueryLimits::default(),
        top: TopMeaning::Total,
        max_page_size: None,
        default_references: true,
        strict_filters: false,
        truncate_datetime: false,
        server_paging: true,
        token_key: TokenKey::new([0; 32]),
        schema_version: None,
    };
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let Ok(request) = parse_request(path, query, &Limits::default()) else { return };
    match bind(&MODEL, &request, &context, &Rights::unrestricted()) {
        Ok(Plan::Read(plan)) => {
            for dialect in [DialectName::Sqlite, DialectName::Postgres] {
                let _statement = text(&MODEL, &plan.query, None, dialect);
            }
        }
        Ok(Plan::ServiceDocument | Plan::Metadata | Plan::Call(_)) => {}
        Err(problem) => assert_ne!(problem.code(), Code::Internal, "{problem:?}"),
    }
});
