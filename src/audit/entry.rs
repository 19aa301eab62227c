//! An entry as it is stored, and the bytes that its hash is one of.

use uuid::Uuid;

use super::event::Event;
use crate::value::Timestamp;

/// An entry as it is stored: what a hash of the chain holds fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub id: Uuid,
    /// `EventTimeUtc`.
    pub time: Timestamp,
    /// The code of `EventClass`.
    pub class: String,
    /// The code of `EventType`.
    pub code: String,
    /// `EventName`.
    pub name: Option<String>,
    /// `ApplicationName`.
    pub application: Option<String>,
    /// `User`.
    pub user: Option<Uuid>,
    /// `EntityName`: the table of the object concerned.
    pub table: Option<String>,
    /// `EntityItemId`: its key.
    pub object: Option<Uuid>,
    /// `Details`.
    pub details: Option<String>,
    /// What the service never writes: `ExternalId`, `ExternalSystem`, `AdditionalDataJson`.
    pub foreign: [Option<String>; 3],
}

impl Entry {
    /// The entry of something that happened `times` times, from `first` to `last`.
    pub fn of(id: Uuid, event: &Event, times: u64, span: (Timestamp, Timestamp)) -> Self {
        let object = event.object.as_ref();
        Self {
            id,
            time: span.1,
            class: event.what.class().to_owned(),
            code: event.what.code().to_owned(),
            name: Some(event.what.name().to_owned()),
            application: event.application(),
            user: event.who.user,
            table: object.map(|object| object.table.clone()),
            object: object.and_then(|object| object.id),
            details: Some(event.details(times, span)),
            foreign: [None, None, None],
        }
    }

    /// The bytes that stand for it in the chain: each value with its length before it, so that no
    /// two entries have the same ones; a missing value is not an empty one.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let mut put = |value: Option<&[u8]>| {
            let length = value.map_or(-1, |v| i64::try_from(v.len()).unwrap_or(i64::MAX));
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(value.unwrap_or_default());
        };
        put(Some(self.id.as_bytes()));
        put(Some(&self.time.micros().to_be_bytes()));
        put(Some(self.class.as_bytes()));
        put(Some(self.code.as_bytes()));
        put(self.name.as_deref().map(str::as_bytes));
        put(self.application.as_deref().map(str::as_bytes));
        put(self.user.as_ref().map(|user| &user.as_bytes()[..]));
        put(self.table.as_deref().map(str::as_bytes));
        put(self.object.as_ref().map(|object| &object.as_bytes()[..]));
        put(self.details.as_deref().map(str::as_bytes));
        for foreign in &self.foreign {
            put(foreign.as_deref().map(str::as_bytes));
        }
        bytes
    }
}
