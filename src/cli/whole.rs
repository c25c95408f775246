//! Files written whole or not at all.

use std::{
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};

/// Writes a file whole or not at all.
pub(super) fn whole(path: &Path, bytes: &[u8]) -> Result<()> {
    written(path, |to| Ok(to.write_all(bytes)?))
}

/// Writes a file bit by bit, and puts it in its place when it is whole and on the disk.
pub(super) fn written(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let failed = || format!("{} cannot be written", path.display());
    let mut file = BufWriter::new(fs::File::create(&part).with_context(failed)?);
    let done = write(&mut file).and_then(|()| Ok(file.into_inner()?.sync_all()?));
    if done.is_err() {
        // What is left of it is of no use to anyone.
        let _ = fs::remove_file(&part);
    }
    done.with_context(failed)?;
    fs::rename(&part, path).with_context(failed)
}
