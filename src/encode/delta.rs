//! Rows that are gone, in the answers to delta links.

use uuid::Uuid;

use super::escape::json_string;
use super::style::{Control, MetadataLevel, Style};
use super::value::address;

/// A row that is not among those of a delta link any more.
#[derive(Debug, Clone, Copy)]
pub struct Deleted<'a> {
    /// Its set.
    pub set: &'a str,
    /// Its key.
    pub id: Uuid,
    /// Whether it is deleted, and not only changed.
    pub is_gone: bool,
}

/// Appends it: since 4.01 an object that says so (OData JSON 4.01, section 15.3), before that an
/// object of its own kind (OData JSON 4.0, section 14.3).
pub fn deleted(out: &mut Vec<u8>, row: &Deleted<'_>, root: &str, style: &Style) {
    let reason = if row.is_gone { "deleted" } else { "changed" };
    match style.control {
        Control::Bare => {
            out.push(b'{');
            if style.metadata == MetadataLevel::Full {
                context(out, row, root, style);
            }
            out.extend_from_slice(b"\"@removed\":{\"reason\":\"");
            out.extend_from_slice(reason.as_bytes());
            out.extend_from_slice(b"\"},\"@id\":\"");
            address(out, row.set, row.id);
            out.extend_from_slice(b"\"}");
        }
        Control::Prefixed => {
            out.push(b'{');
            context(out, row, root, style);
            out.extend_from_slice(b"\"id\":\"");
            address(out, row.set, row.id);
            out.extend_from_slice(b"\",\"reason\":\"");
            out.extend_from_slice(reason.as_bytes());
            out.extend_from_slice(b"\"}");
        }
    }
}

/// `"@odata.context":"…/$metadata#Set/$deletedEntity",`.
fn context(out: &mut Vec<u8>, row: &Deleted<'_>, root: &str, style: &Style) {
    json_string(out, &style.control.name("context"));
    out.push(b':');
    json_string(out, &format!("{root}$metadata#{}/$deletedEntity", row.set));
    out.push(b',');
}
