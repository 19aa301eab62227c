//! Values of every kind, good and bad.

use super::{faults, reading};
use crate::change::Given;
use crate::change::testkit::{ALLOWED, PROPERTIES, USERS};
use crate::value::Value;

/// The value of the only member of a payload, as text.
fn value(set: &str, name: &str, json: &str) -> Result<String, Vec<String>> {
    let text = format!("{{\"{name}\":{json}}}");
    let Ok(read) = reading(set, &text, false) else {
        return Err(faults(set, &text));
    };
    let [(_, given)] = read.draft.values.as_slice() else {
        panic!("{text}");
    };
    Ok(match given {
        Given::Languages(all) => format!("{all:?}"),
        Given::Custom(value) => format!("{value:?}"),
        Given::Value(value) => match value {
            Value::Null => "null".to_owned(),
            Value::Boolean(truth) => truth.to_string(),
            Value::Integer(whole) => whole.to_string(),
            Value::Text(text) => text.clone(),
            Value::Guid(guid) => guid.to_string(),
            Value::Timestamp(time) => time.to_string(),
            Value::Binary(bytes) => format!("{bytes:?}"),
        },
    })
}

#[test]
fn good_values() {
    let guid = "00000000-0000-0000-0000-00000000000a";
    for (set, name, json, expected) in [
        (USERS, "Active", "true", "true"),
        (USERS, "Active", "null", "null"),
        (USERS, "AccessFailedCount", "0", "0"),
        (USERS, "AccessFailedCount", "2147483647", "2147483647"),
        (PROPERTIES, "KeyOrder", "0", "0"),
        (PROPERTIES, "KeyOrder", "255", "255"),
        (PROPERTIES, "MaskLength", "32767", "32767"),
        (USERS, "Notes", "\"a\\nb\"", "a\nb"),
        (USERS, "Notes", "\"\"", ""),
        (USERS, "UserType", "\"VirtualUserNoLogin\"", "VIR"),
        (
            USERS,
            "LockoutEndUtc",
            "\"2026-11-20T21:21:42Z\"",
            "2026-11-20T21:21:42Z",
        ),
        (
            USERS,
            "LockoutEndUtc",
            "\"2026-11-20T23:21:42.5+02:00\"",
            "2026-11-20T21:21:42.500Z",
        ),
        (
            ALLOWED,
            "ParentAllowedValueId",
            "\"00000000-0000-0000-0000-00000000000A\"",
            guid,
        ),
        (ALLOWED, "Picture", "\"-_8\"", "[251, 255]"),
        (ALLOWED, "Picture", "\"-_8=\"", "[251, 255]"),
        (ALLOWED, "Picture", "\"+/8=\"", "[251, 255]"),
        (ALLOWED, "Picture", "\"\"", "[]"),
        (USERS, "Name", "null", "null"),
        (
            USERS,
            "Name",
            "{\"en\":\"A\",\"bG\":null}",
            "[(\"EN\", Some(\"A\")), (\"BG\", None)]",
        ),
        (
            USERS,
            "Name",
            "{\"EN@x.y\":1,\"EN\":\"A\"}",
            "[(\"EN\", Some(\"A\"))]",
        ),
        (USERS, "Name", "{}", "[]"),
    ] {
        assert_eq!(
            value(set, name, json).as_deref(),
            Ok(expected),
            "{name} {json}"
        );
    }
}

#[test]
fn bad_values() {
    for (set, name, json, expected) in [
        (
            USERS,
            "Active",
            "1",
            "TypeMismatch Active: `Active` takes `true` or `false`, not a number",
        ),
        (
            USERS,
            "Active",
            "\"true\"",
            "TypeMismatch Active: `Active` takes `true` or `false`, not a text",
        ),
        (
            USERS,
            "AccessFailedCount",
            "-1",
            "ValueOutOfRange AccessFailedCount: the number is out of the range of `AccessFailedCount`; it takes 0 to 2147483647",
        ),
        (
            USERS,
            "AccessFailedCount",
            "2147483648",
            "ValueOutOfRange AccessFailedCount: the number is out of the range of `AccessFailedCount`; it takes 0 to 2147483647",
        ),
        (
            USERS,
            "AccessFailedCount",
            "18446744073709551615",
            "ValueOutOfRange AccessFailedCount: the number is out of the range of `AccessFailedCount`",
        ),
        (
            USERS,
            "AccessFailedCount",
            "99999999999999999999999",
            "ValueOutOfRange AccessFailedCount: the number is out of the range of `AccessFailedCount`",
        ),
        (
            USERS,
            "AccessFailedCount",
            "1.5",
            "TypeMismatch AccessFailedCount: `AccessFailedCount` takes a whole number, not a number",
        ),
        (
            USERS,
            "AccessFailedCount",
            "\"1\"",
            "TypeMismatch AccessFailedCount: `AccessFailedCount` takes a whole number, not a text",
        ),
        (
            PROPERTIES,
            "KeyOrder",
            "256",
            "ValueOutOfRange KeyOrder: the number is out of the range of `KeyOrder`; it takes 0 to 255",
        ),
        (
            PROPERTIES,
            "KeyOrder",
            "-1",
            "ValueOutOfRange KeyOrder: the number is out of the range of `KeyOrder`; it takes 0 to 255",
        ),
        (
            PROPERTIES,
            "MaskLength",
            "32768",
            "ValueOutOfRange MaskLength: the number is out of the range of `MaskLength`; it takes 0 to 32767",
        ),
        (
            USERS,
            "Notes",
            "7",
            "TypeMismatch Notes: `Notes` takes a text, not a number",
        ),
        (
            USERS,
            "Notes",
            "\"a\\u0000\"",
            "InvalidValue Notes: `Notes` takes no control characters U+0000 to U+0002",
        ),
        (
            USERS,
            "UserType",
            "\"INT\"",
            "UnknownEnumMember UserType: `UserType` has no member `INT`; the members are `InternalUser`, `ExternalCommunityUser`, `VirtualUserNoLogin`, `SystemUserNoLogin`, `ApplicationUserNoLogin`, `InvitationInternalNoLogin`, `InvitationExternalNoLogin`",
        ),
        (
            USERS,
            "UserType",
            "0",
            "TypeMismatch UserType: `UserType` takes the name of a member as text, not a number",
        ),
        (
            USERS,
            "LockoutEndUtc",
            "\"2026-02-30T00:00:00Z\"",
            "InvalidValue LockoutEndUtc: `2026-02-30T00:00:00Z` is not a date and time such as `2026-11-20T21:21:42Z`",
        ),
        (
            USERS,
            "LockoutEndUtc",
            "5",
            "TypeMismatch LockoutEndUtc: `LockoutEndUtc` takes a date and time as text, not a number",
        ),
        (
            ALLOWED,
            "ParentAllowedValueId",
            "\"1\"",
            "InvalidValue ParentAllowedValueId: `1` is not a guid",
        ),
        (
            ALLOWED,
            "ParentAllowedValueId",
            "[]",
            "TypeMismatch ParentAllowedValueId: `ParentAllowedValueId` takes a guid as text, not a list",
        ),
        (
            ALLOWED,
            "Picture",
            "\"?\"",
            "InvalidValue Picture: the text is not base64url",
        ),
        (
            ALLOWED,
            "Picture",
            "{}",
            "TypeMismatch Picture: `Picture` takes base64url as text, not an object",
        ),
        (
            USERS,
            "Name",
            "\"Ann\"",
            "TypeMismatch Name: `Name` takes an object such as `{\"EN\":\"…\"}`, not a text",
        ),
        (
            USERS,
            "Name",
            "{\"EN\":1}",
            "TypeMismatch Name/EN: a language takes a text, not a number",
        ),
        (
            USERS,
            "Name",
            "{\"en-US\":\"A\"}",
            "InvalidValue Name/en-US: `en-US` is not the code of a language",
        ),
        (
            USERS,
            "Name",
            "{\"\":\"A\"}",
            "InvalidValue Name/: `` is not the code of a language",
        ),
        (
            USERS,
            "Name",
            "{\"EN\":\"A\",\"en\":\"B\"}",
            "DuplicateProperty Name/en: the language `EN` is given twice",
        ),
        (
            USERS,
            "Name",
            "{\"EN\":\"A\",\"EN\":\"B\"}",
            "DuplicateProperty Name/EN: `Name/EN` is given twice",
        ),
        (USERS, "Id", "\"x\"", "InvalidValue Id: `x` is not a guid"),
        (
            USERS,
            "ObjectVersion",
            "\"1\"",
            "TypeMismatch ObjectVersion: `ObjectVersion` takes a whole number, not a text",
        ),
    ] {
        let text = format!("{{\"{name}\":{json}}}");
        assert_eq!(faults(set, &text), [expected], "{text}");
    }
}

#[test]
fn lengths_count_characters() {
    for letter in ["a", "ж", "😀", "e\u{301}"] {
        let units = letter.chars().count();
        let fits = letter.repeat(64 / units);
        assert_eq!(
            value(USERS, "Login", &format!("\"{fits}\"")),
            Ok(fits.clone())
        );
        let long = format!("{fits}{letter}");
        assert_eq!(
            value(USERS, "Login", &format!("\"{long}\"")),
            Err(vec![format!(
                "ValueTooLong Login: `Login` takes 64 characters, not {}",
                64 + units
            )])
        );
    }
    let name = |length| format!("{{\"EN\":\"ok\",\"BG\":\"{}\"}}", "ж".repeat(length));
    assert!(value(USERS, "Name", &name(254)).is_ok());
    assert_eq!(
        value(USERS, "Name", &name(255)),
        Err(vec![
            "ValueTooLong Name/BG: `Name` takes 254 characters, not 255".to_owned()
        ])
    );
}

#[test]
fn long_values_are_not_repeated_whole() {
    let text = format!("{{\"UserType\":\"{}\"}}", "x".repeat(1000));
    let told = faults(USERS, &text).concat();
    assert!(told.contains(&format!("`{}`", "x".repeat(80))), "{told}");
}
