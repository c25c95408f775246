//! Codes with check digits: credit codes, and the checksum of the QR code on invoices.

/// GB 32100-2015: the characters of a credit code in order of their value. I, O, S, V and Z are
/// left out because they look like other characters.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// GB 32100-2015: weight of each of the first 17 characters, powers of 3 modulo 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// GB 11714: weight of each of the first 8 characters of an organisation code.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Whether a text is a unified social credit code whose check character is right
/// (GB 32100-2015).
#[must_use]
pub fn uscc_is_valid(code: &str) -> bool {
    code.chars().count() == 18 && code.chars().last() == uscc_check(code)
}

/// Whether a folded code is as long as a credit code and has a wrong check character.
#[must_use]
pub fn is_miswritten(code: &str) -> bool {
    code.chars().count() == 18 && !uscc_is_valid(code)
}

/// Letters that no credit code has, and what recognisers take for them.
const LOOK_ALIKES: [(char, char); 4] = [('O', '0'), ('I', '1'), ('S', '5'), ('Z', '2')];

/// A credit code as a recogniser read it, in capitals, and whether its check character is right.
///
/// Letters that no code has are taken for what they look like if both checks are right then: one alone
/// would let one wrong guess of 31 pass.
#[must_use]
pub fn uscc_as_read(text: &str) -> (String, bool) {
    let code = text.to_uppercase();
    if uscc_is_valid(&code) {
        return (code, true);
    }
    let meant = |c| LOOK_ALIKES.iter().find(|(letter, _)| *letter == c).map_or(c, |(_, other)| *other);
    let other: String = code.chars().map(meant).collect();
    if uscc_is_valid(&other) && organisation_code_is_valid(&other) { (other, true) } else { (code, false) }
}

/// The check character that belongs to the first 17 characters, if all of them are allowed.
#[must_use]
pub fn uscc_check(code: &str) -> Option<char> {
    let mut sum = 0;
    let mut count = 0;
    for (c, weight) in code.chars().zip(WEIGHTS) {
        sum += u32::try_from(ALPHABET.find(c)?).ok()? * weight;
        count += 1;
    }
    if count < WEIGHTS.len() {
        return None;
    }
    // A remainder of zero gives the character 0, not a 31st one.
    ALPHABET.chars().nth(usize::try_from((31 - sum % 31) % 31).ok()?)
}

/// Whether positions 9 to 17 are an organisation code whose check digit is right (GB 11714), the
/// second and independent check inside a credit code.
#[must_use]
pub fn organisation_code_is_valid(uscc: &str) -> bool {
    let code: Vec<char> = uscc.chars().skip(8).take(9).collect();
    let [body @ .., check] = code.as_slice() else { return false };
    if body.len() != ORGANISATION_WEIGHTS.len() {
        return false;
    }
    let mut sum = 0;
    for (c, weight) in body.iter().zip(ORGANISATION_WEIGHTS) {
        let Some(value) = c.to_digit(36) else { return false };
        sum += value * weight;
    }
    let expected = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        small => char::from_digit(small, 10).unwrap_or('?'),
    };
    *check == expected
}

/// CRC-16 of an invoice's QR payload: polynomial 0x8005, start 0, neither reflected nor inverted.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc: u16, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x8005 }
        })
    })
}
