//! What blocks of both kinds of addresses share.

/// Why something is no block of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// The text has another form.
    #[error("a block of addresses is an address and a prefix length, such as `{example}`")]
    Form {
        /// A block.
        example: &'static str,
    },
    /// The prefix is longer than an address.
    #[error("a prefix length is {most} at most")]
    Prefix {
        /// The bits of an address.
        most: u8,
    },
    /// A bit behind the prefix is set.
    #[error("the address is not the first of its block, which is `{meant}`")]
    HostBits {
        /// The block that holds the address.
        meant: String,
    },
}

/// A prefix length as written: digits without a sign or leading zeros, `most` at most.
pub(crate) fn prefix(text: &str, most: u8) -> Option<u8> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|length| is_plain && *length <= most)
}
