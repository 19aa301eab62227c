//! Reads documents back, for the tests.

mod forms;
mod source;
mod standard;

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{CsdlVersion, Offers, build, csdl_xml, xml};
use crate::model::Model;

const ALL: Offers = Offers {
    insert: true,
    update: true,
    delete: true,
    operations: &[
        "Erp.BeginTransaction",
        "Erp.CreateCopy",
        "Erp.CreateNotification",
        "Erp.EndTransaction",
        "Ext.GetDataObject",
        "Erp.GetAllowedCustomPropertyValues",
        "Erp.GetChanges",
        "Erp.GetRenamedEntityTypes",
        "Erp.GetRepositoryEvents",
        "Erp.GetVersion",
        "Erp.Import",
        "Erp.WaitForChanges",
        "Ext.BeginSecondFactor",
        "Ext.ConfirmEmail",
        "Ext.ConfirmSecondFactor",
        "Ext.Explain",
        "Ext.IssueToken",
        "Ext.MarkNotificationsRead",
        "Ext.RemoveSecondFactor",
        "Ext.RevokeSessions",
        "Ext.RevokeToken",
        "Ext.SetPassword",
        "Ext.SetSecret",
        "Ext.Unlock",
    ],
    batch: true,
    levels: 3,
};

/// As the service offers it, with some of its methods.
const NOW: Offers = Offers::with(&["Ext.ConfirmEmail", "Ext.SetPassword", "Erp.GetVersion"]);

const NOTHING: Offers = Offers {
    insert: false,
    update: false,
    delete: false,
    operations: &[],
    batch: false,
    levels: 1,
};

/// An XML element, read back.
#[derive(Debug, Default, Clone)]
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
    text: String,
}

impl Node {
    fn read(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        let mut stack = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => stack.push(Self::start(&start)),
                Event::Empty(start) => stack.last_mut().unwrap().children.push(Self::start(&start)),
                Event::End(_) => {
                    let node = stack.pop().unwrap();
                    stack.last_mut().unwrap().children.push(node);
                }
                Event::Text(text) => {
                    stack.last_mut().unwrap().text.push_str(text.trim());
                }
                Event::Eof => break,
                Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        }
        assert_eq!(stack.len(), 1, "an element is not closed");
        stack.remove(0).children.remove(0)
    }

    fn start(start: &BytesStart<'_>) -> Self {
        let attributes = start.attributes().map(|a| {
            let a = a.unwrap();
            let value = a
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .unwrap();
            (a.key.as_ref().to_owned(), value.into_owned())
        });
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The element of a kind and a name, at any depth.
    fn find(&self, kind: &str, name: &str) -> Option<&Self> {
        let here = self.name == kind && self.attribute("Name") == name;
        here.then_some(self)
            .or_else(|| self.children.iter().find_map(|c| c.find(kind, name)))
    }

    fn annotation(&self, term: &str) -> Option<&Self> {
        self.all("Annotation").find(|a| a.attribute("Term") == term)
    }

    /// The values of every attribute `name` and text of every element `name` below.
    fn values(&self, name: &str) -> Vec<&str> {
        let here = self.attributes.get(name).map(String::as_str);
        let text = (self.name == name).then_some(self.text.as_str());
        let below = self.children.iter().flat_map(|c| c.values(name));
        here.into_iter().chain(text).chain(below).collect()
    }

    fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        self.children.iter().for_each(|c| c.walk(visit));
    }
}

fn shipped() -> Model {
    Model::shipped().unwrap()
}

fn shipped_xml(model: &Model) -> Node {
    Node::read(&csdl_xml(model, CsdlVersion::V401, ALL).unwrap())
}

/// The XML of a model for what a service offers.
fn offered_xml(model: &Model, offers: Offers) -> String {
    let document = build::document(model, CsdlVersion::V401, offers);
    String::from_utf8(xml::encode(&document).unwrap()).unwrap()
}
