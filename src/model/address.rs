//! Addresses of entities as texts: `Systems_Security_Users(guid)`.

use uuid::Uuid;

/// Takes the address of an entity apart, absolute or relative, with its key in parentheses or as a
/// segment: only the last part counts. Nothing for a text of another form.
pub fn split_address(text: &str) -> Option<(&str, Uuid)> {
    let (head, key) = match text.strip_suffix(')') {
        Some(open) => open.rsplit_once('(')?,
        None => text.rsplit_once('/')?,
    };
    let set = head.rsplit('/').next().unwrap_or(head);
    let key = key.strip_prefix("Id=").unwrap_or(key);
    let bare = key.strip_prefix('\'').and_then(|k| k.strip_suffix('\''));
    Some((set, Uuid::try_parse(bare.unwrap_or(key)).ok()?))
}
