//! What is in our inbox, a page at a time, the oldest first.

use serde::Deserialize;
use ureq::http::Method;
use url::form_urlencoded::Serializer;

use super::error::MeshError;
use super::letter::MessageId;
use super::mailbox::{Mailbox, expect, json};

const ASKED: &str = "a look into the inbox";
/// The most messages of a page.
const PAGE_SIZE: &str = "100";
/// The longest mark of where a next page begins, in characters: MESH's own limit.
const MARK_CHARACTERS_MAX: usize = 1000;

/// A page of our inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The messages, as MESH orders them.
    pub messages: Vec<MessageId>,
    /// Where the next page begins; none after the last.
    pub next: Option<Mark>,
}

/// Where a page begins: only ever given back to MESH as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

#[derive(Deserialize)]
struct Inbox {
    messages: Vec<String>,
    #[serde(default)]
    links: Links,
}

#[derive(Deserialize, Default)]
struct Links {
    next: Option<String>,
}

impl Mailbox {
    /// A page of our inbox: the first, or the one that begins at a mark.
    ///
    /// # Errors
    /// [`MeshError`] when MESH does not say what is there.
    pub fn list(&self, from: Option<&Mark>) -> Result<Page, MeshError> {
        let mut query = Serializer::new(String::new());
        query.append_pair("max_results", PAGE_SIZE);
        if let Some(Mark(mark)) = from {
            query.append_pair("continue_from", mark);
        }
        let request = self.request(Method::GET, &format!("/inbox?{}", query.finish()))?;
        let response = self.ask(ASKED, request, ())?;
        expect(ASKED, &response, &[200])?;
        let inbox: Inbox = json(ASKED, response)?;
        page(inbox).ok_or(MeshError::Unexpected(ASKED))
    }
}

fn page(inbox: Inbox) -> Option<Page> {
    let messages: Option<Vec<MessageId>> = inbox
        .messages
        .iter()
        .map(|id| MessageId::parse(id))
        .collect();
    Some(Page {
        messages: messages?,
        next: inbox.links.next.as_deref().and_then(mark),
    })
}

/// The mark in a link. Nothing else of the link is heeded: it cannot lead us anywhere.
fn mark(link: &str) -> Option<Mark> {
    let (_path, query) = link.split_once('?')?;
    let query = query.split('#').next()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "continue_from")
        .map(|(_, mark)| mark.into_owned())
        .filter(|mark| (1..=MARK_CHARACTERS_MAX).contains(&mark.chars().count()))
        .map(Mark)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use url::form_urlencoded::Serializer;

    use super::{Inbox, Mark, mark, page};

    fn read(json: &str) -> Option<super::Page> {
        page(serde_json::from_str::<Inbox>(json).ok()?)
    }

    #[test]
    fn a_page_names_its_messages_and_where_the_next_begins() {
        let first = read(
            r#"{"messages":["20220228174323222_ABCDEF"],
            "links":{"self":"/messageexchange/MB1/inbox",
            "next":"/messageexchange/MB1/inbox?max_results=10&continue_from=eyJw%3D%3D"},
            "approx_inbox_count":11}"#,
        )
        .unwrap();
        assert_eq!(first.messages.len(), 1);
        assert_eq!(first.next, Some(Mark("eyJw==".to_owned())));
        for last in [
            r#"{"messages":[]}"#,
            r#"{"messages":[],"links":{}}"#,
            r#"{"messages":[],"links":{"next":null}}"#,
        ] {
            assert_eq!(read(last).unwrap().next, None, "{last}");
        }
        for wrong in [r#"{"messages":["../a"]}"#, "{}", r#"{"messages":"a"}"#, ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_mark_of_a_link_is_heeded() {
        for link in [
            "https://elsewhere.example/inbox?continue_from=a",
            "//elsewhere.example?continue_from=a#b",
            "?x=1&continue_from=a&continue_from=b",
        ] {
            assert_eq!(mark(link), Some(Mark("a".to_owned())), "{link}");
        }
        for link in [
            "",
            "/inbox",
            "/inbox?",
            "/inbox?continue_from=",
            "/inbox?continue=a",
        ] {
            assert_eq!(mark(link), None, "{link}");
        }
    }

    proptest! {
        #[test]
        fn a_mark_comes_back_as_it_was_and_no_link_panics(text in ".{1,40}") {
            let query = Serializer::new(String::new()).append_pair("continue_from", &text).finish();
            prop_assert_eq!(mark(&format!("/inbox?{query}")), Some(Mark(text.clone())));
            prop_assert!(mark(&text).is_none_or(|Mark(mark)| !mark.is_empty()));
        }
    }
}
