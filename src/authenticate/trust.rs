//! Whom the operator trusts, and whether a certificate leads there.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{certificate::Certificate, time::Moment};

/// Certificates between the signer's and a root.
const LONGEST: usize = 8;

/// The roots that the operator trusts. There is none that is trusted by itself.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    roots: Vec<Certificate>,
}

impl Trust {
    /// Trusts the certificates in a file, DER or PEM with any number of them; says how many there were.
    pub fn add(&mut self, bytes: &[u8]) -> usize {
        let before = self.roots.len();
        self.roots.extend(certificates(bytes));
        self.roots.len() - before
    }

    /// The certificates as [`Trust::add`] takes them, one by one.
    pub fn certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.roots.iter().map(|root| root.raw.as_slice())
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Whether `signer` leads to a trusted root over certificates that were valid at `at`.
    ///
    /// Without a time nothing is known of validity, and the answer is no.
    pub(super) fn reaches(&self, signer: &Certificate, others: &[Certificate], at: Option<Moment>) -> bool {
        let Some(at) = at else { return false };
        let is_valid = |one: &Certificate| one.validity.is_some_and(|(from, to)| at.lies_between(from, to));
        let mut current = signer;
        for _ in 0..LONGEST {
            if !is_valid(current) {
                return false;
            }
            if self.roots.iter().any(|root| root.raw == current.raw) {
                return true;
            }
            let issues = |one: &&Certificate| {
                one.subject_raw == current.issuer_raw && one.raw != current.raw && current.is_signed_by(one)
            };
            if self.roots.iter().filter(|root| is_valid(root)).any(|root| issues(&root)) {
                return true;
            }
            // Whoever is not known to be an authority vouches for nobody.
            match others.iter().filter(|one| one.is_authority == Some(true)).find(issues) {
                Some(next) => current = next,
                None => return false,
            }
        }
        false
    }
}

fn certificates(bytes: &[u8]) -> Vec<Certificate> {
    if let Some(one) = Certificate::read(bytes) {
        return vec![one];
    }
    let text = String::from_utf8_lossy(bytes);
    text.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .filter_map(|rest| rest.split("-----END").next())
        .filter_map(|inside| {
            let dense: String = inside.split_whitespace().collect();
            Certificate::read(&STANDARD.decode(dense).ok()?)
        })
        .collect()
}
