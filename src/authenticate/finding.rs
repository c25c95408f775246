//! What a check of a signature found, before anyone says what it is worth.

use crate::model::finding::Message;

use super::{certificate::Certificate, sums::Hash, time::Moment};

/// Sentences in both languages that make one message.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentences {
    zh: Vec<String>,
    en: Vec<String>,
}

impl Sentences {
    /// One more, unless it was said already.
    pub(super) fn say(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        let (zh, en) = (zh.into(), en.into());
        if !self.zh.contains(&zh) {
            self.zh.push(zh);
            self.en.push(en);
        }
    }

    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        self.zh.is_empty()
    }

    /// All of another's.
    pub(super) fn extend(&mut self, other: Self) {
        self.zh.extend(other.zh);
        self.en.extend(other.en);
    }

    /// As one message.
    pub(super) fn message(self) -> Message {
        Message { zh: self.zh.join("；"), en: self.en.join("; ") }
    }
}

/// What is to be said of the mathematics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// What was signed is what lies there, and it was signed with the certificate's key.
    Right,
    /// It is not, or it was not.
    Wrong,
    /// It could not be checked.
    Unable,
}

/// What came of checking a signature's bytes.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The mathematics.
    pub(super) state: State,
    /// What is to be said.
    pub(super) said: Sentences,
    /// The signer's certificate.
    pub(super) signer: Option<Certificate>,
    /// Certificates that came along.
    pub(super) others: Vec<Certificate>,
    /// When it was signed, by the signer's clock or by a time stamp.
    pub(super) signed_at: Option<Moment>,
    /// The seal's name, where it is one.
    pub(super) seal: Option<String>,
    /// The certificate of who made the seal.
    pub(super) maker: Option<Certificate>,
}

impl Found {
    /// Nothing yet, with a state.
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            said: Sentences::default(),
            signer: None,
            others: Vec::new(),
            signed_at: None,
            seal: None,
            maker: None,
        }
    }

    /// The same with one more sentence.
    #[must_use]
    pub(super) fn saying(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.said.say(zh, en);
        self
    }

    /// Says what a digest algorithm is worth that all the rest hangs on.
    pub(super) fn weigh(&mut self, hash: Hash) {
        match hash {
            // Two contents of one digest are made within seconds.
            Hash::Md5 => {
                self.worsen(State::Unable);
                self.said.say(
                    "摘要算法 MD5 可以伪造，不能证明内容未被改动",
                    "its digests are MD5, which can be forged and proves nothing",
                );
            }
            // Honest invoices of the first years use it.
            Hash::Sha1 => {
                self.said.say("摘要算法 SHA-1 已不安全", "its digests are SHA-1, which is no longer safe")
            }
            _ => {}
        }
    }

    /// Makes the state at least as bad; what is wrong outweighs what could not be checked.
    pub(super) fn worsen(&mut self, state: State) {
        self.state = match (self.state, state) {
            (State::Wrong, _) | (_, State::Wrong) => State::Wrong,
            (State::Unable, _) | (_, State::Unable) => State::Unable,
            (State::Right, State::Right) => State::Right,
        };
    }
}
