//! Files below a root: the only code that writes to paths that a checkout can influence. A path is
//! opened component by component from an open directory and no link is followed, so that neither a
//! link nor `..` leads out of the root, however quickly somebody creates one there.
//!
//! The path to the root itself may contain links, because the user who starts the program chooses
//! it.
//!
//! New files belong to the owner of the root. A container runs as `root`, the runner on the host does not, and a
//! self-hosted runner that cannot delete a file of an earlier run fails at its next checkout.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

/// Why a path is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It climbs out of the root.
    #[error("`{0}` leads out of its directory by `..`; write a path without it")]
    Climbs(String),
    /// A component is a link.
    #[error("`{0}` is a symbolic link, and no link is followed here: remove it, or name another path")]
    Link(String),
    /// A component in the middle is not a directory.
    #[error("`{0}` is not a directory: remove it, or name another path")]
    NotADirectory(String),
    /// The last component is not a file.
    #[error("`{0}` is not a regular file: remove it, or name another path")]
    NotAFile(String),
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        io::Error::new(ErrorKind::InvalidInput, refused)
    }
}

/// An open directory.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    handle: OwnedFd,
    owner: Owner,
}

/// The owner of new files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    fn of(open: impl AsFd) -> io::Result<Self> {
        let found = rustix::fs::fstat(open)?;
        Ok(Owner { user: found.st_uid, group: found.st_gid })
    }

    /// Changes the owner of a new file if this process may: only `root` may, and not in every container.
    /// If it may not, this run works as well.
    fn take(self, made: impl AsFd) {
        if Self::of(&made).is_ok_and(|maker| maker.user != self.user) {
            let _ = std::os::unix::fs::fchown(made, Some(self.user), Some(self.group));
        }
    }
}

/// A directory to be opened; anything else under its name is refused.
const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl Root {
    /// Opens an existing directory.
    ///
    /// # Errors
    /// When it does not exist, or is not a directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let handle = rustix::fs::openat(CWD, &path, DIRECTORY | OFlags::RDONLY, Mode::empty())?;
        let owner = Owner::of(&handle)?;
        Ok(Self { path, handle, owner })
    }

    /// Its path, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A directory below it; `None` when there is none.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn directory(&self, path: &str) -> io::Result<Option<Self>> {
        Ok(self.walk(&parts(path)?, false)?.map(|handle| self.below(path, handle)))
    }

    /// A directory below it; missing directories are created.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn make(&self, path: &str) -> io::Result<Self> {
        let made = self.walk(&parts(path)?, true)?.ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        Ok(self.below(path, made))
    }

    fn below(&self, path: &str, handle: OwnedFd) -> Self {
        Self { path: self.path.join(path), handle, owner: self.owner }
    }

    /// Makes sure that there is a regular file or nothing at a path; returns whether there is one.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn holds(&self, path: &str) -> io::Result<bool> {
        let (folder, name) = split(path)?;
        let Some(folder) = self.walk(&folder, false)? else { return Ok(false) };
        match kind(&folder, name)? {
            None => Ok(false),
            Some(FileType::RegularFile) => Ok(true),
            Some(FileType::Symlink) => Err(Refused::Link(path.to_owned()).into()),
            Some(_) => Err(Refused::NotAFile(path.to_owned()).into()),
        }
    }

    /// A file's bytes; `None` when there is none.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if !self.holds(path)? {
            return Ok(None);
        }
        let (folder, name) = split(path)?;
        let Some(folder) = self.walk(&folder, false)? else { return Ok(None) };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&folder, name, flags, Mode::empty());
        let mut bytes = Vec::new();
        File::from(opened.map_err(|errno| refusal(errno, path))?).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Writes a file beside its place and renames it, so that a reader sees the old one or the new
    /// one; creates missing directories.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.holds(path)?;
        let (folder, name) = split(path)?;
        let folder = self.walk(&folder, true)?.ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        let beside = self.write_beside(&folder, name, bytes)?;
        let moved = rustix::fs::renameat(&folder, &*beside, &folder, name);
        if moved.is_err() {
            let _ = unlink(&folder, &beside);
        }
        Ok(moved?)
    }

    /// Writes a file only if nothing exists; false: something exists. Creates missing directories.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn create(&self, path: &str, bytes: &[u8]) -> io::Result<bool> {
        let (folder, name) = split(path)?;
        let folder = self.walk(&folder, true)?.ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        let beside = self.write_beside(&folder, name, bytes)?;
        // Under its name only when it is complete: a process that ends here leaves no half file.
        let linked = rustix::fs::linkat(&folder, &*beside, &folder, name, AtFlags::empty());
        let _ = unlink(&folder, &beside);
        match linked {
            Ok(()) => Ok(true),
            // Anything but a file in its place is not an earlier version.
            Err(Errno::EXIST) => self.holds(path).map(|_| false),
            // Not every file system has links.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => match self.new_file(&folder, name) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => self.holds(path).map(|_| false),
                opened => opened?.write_all(bytes).map(|()| true),
            },
            Err(errno) => Err(errno.into()),
        }
    }

    /// A new file with a random name beside another one: other threads may write the same file, and in containers
    /// processes have equal numbers.
    fn write_beside(&self, folder: &OwnedFd, name: &str, bytes: &[u8]) -> io::Result<String> {
        let beside = format!(".{name}.{:016x}.new", RandomState::new().hash_one(()));
        let written = self.new_file(folder, &beside)?.write_all(bytes);
        if written.is_err() {
            // The first failure is the one to tell.
            let _ = unlink(folder, &beside);
        }
        written.map(|()| beside)
    }

    /// Removes a file, or the link in its place; a missing file is not an error.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn remove(&self, path: &str) -> io::Result<()> {
        let (folder, name) = split(path)?;
        match self.walk(&folder, false)? {
            Some(folder) => unlink(&folder, name),
            None => Ok(()),
        }
    }

    /// The names in a directory and which of them are directories, sorted; links are left out.
    ///
    /// # Errors
    /// See [`Refused`]; or what the disk says.
    pub fn names(&self, path: &str) -> io::Result<Vec<(String, bool)>> {
        let Some(folder) = self.walk(&parts(path)?, false)? else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            match kind(&folder, name)? {
                Some(FileType::Directory) if name != "." && name != ".." => {
                    names.push((name.to_owned(), true))
                }
                Some(FileType::RegularFile) => names.push((name.to_owned(), false)),
                _ => {}
            }
        }
        names.sort();
        Ok(names)
    }

    /// Opens the directory at the end of these components; `None` when one is missing.
    fn walk(&self, parts: &[&str], makes: bool) -> io::Result<Option<OwnedFd>> {
        let mut here = self.handle.try_clone()?;
        for (index, part) in parts.iter().enumerate() {
            let open = || rustix::fs::openat(&here, *part, DIRECTORY | OFlags::RDONLY, Mode::empty());
            let mut opened = open();
            if let (Err(Errno::NOENT), true) = (&opened, makes) {
                match rustix::fs::mkdirat(&here, *part, Mode::from_raw_mode(0o777)) {
                    Ok(()) => {
                        opened = open();
                        if let Ok(made) = &opened {
                            self.owner.take(made);
                        }
                    }
                    Err(Errno::EXIST) => opened = open(),
                    Err(errno) => opened = Err(errno),
                }
            }
            here = match opened {
                Ok(next) => next,
                Err(Errno::NOENT) => return Ok(None),
                Err(errno) => {
                    let path = parts[..=index].join("/");
                    return Err(match kind(&here, part)? {
                        Some(FileType::Symlink) => Refused::Link(path).into(),
                        Some(FileType::Directory) | None => errno.into(),
                        Some(_) => Refused::NotADirectory(path).into(),
                    });
                }
            };
        }
        Ok(Some(here))
    }

    fn new_file(&self, folder: &OwnedFd, name: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let made = rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(0o666))?;
        self.owner.take(&made);
        Ok(File::from(made))
    }
}

/// Opens a file's directory and creates its missing parts; the root exists already. Returns whether
/// it is new.
///
/// # Errors
/// See [`Refused`]; or what the disk says.
pub fn directory_of(file: &Path) -> io::Result<(Root, bool)> {
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let is_there = |path: &&Path| path.is_dir() || path.as_os_str().is_empty();
    let there = directory.ancestors().find(is_there).unwrap_or(Path::new("/"));
    let missing = directory.strip_prefix(there).unwrap_or(Path::new(""));
    let missing =
        missing.to_str().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "it is not UTF-8"))?;
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    Ok((Root::open(there)?.make(missing)?, !missing.is_empty()))
}

/// The components of a path without `..`.
fn parts(path: &str) -> io::Result<Vec<&str>> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") { Err(Refused::Climbs(path.to_owned()).into()) } else { Ok(parts) }
}

/// The components of a file's directory, and the file's name.
fn split(path: &str) -> io::Result<(Vec<&str>, &str)> {
    let mut folder = parts(path)?;
    let name = folder.pop().ok_or_else(|| Refused::NotAFile(path.to_owned()))?;
    Ok((folder, name))
}

/// The type of a name, links not followed.
fn kind(folder: &OwnedFd, name: &str) -> io::Result<Option<FileType>> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(Some(FileType::from_raw_mode(found.st_mode))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

fn refusal(errno: Errno, path: &str) -> io::Error {
    if errno == Errno::LOOP { Refused::Link(path.to_owned()).into() } else { errno.into() }
}

fn unlink(folder: &OwnedFd, name: &str) -> io::Result<()> {
    match rustix::fs::unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A root with `inside/`, and `outside/` next to it.
    fn place() -> (tempfile::TempDir, Root) {
        let place = prompt_assay_test_support::temporary::directory();
        for name in ["root/inside", "outside"] {
            std::fs::create_dir_all(place.path().join(name)).unwrap();
        }
        std::fs::write(place.path().join("outside/secret"), "secret").unwrap();
        let root = Root::open(&place.path().join("root")).unwrap();
        (place, root)
    }

    #[test]
    fn files_are_written_read_listed_and_removed() {
        let (_place, root) = place();
        root.write("a/b/c.json", b"one").unwrap();
        root.write("./a//b/c.json", b"two").unwrap();
        assert_eq!(root.read("a/b/c.json").unwrap().as_deref(), Some(b"two".as_slice()));
        assert!(root.create("a/d", b"three").unwrap() && root.holds("a/d").unwrap());
        assert!(!root.create("a/d", b"four").unwrap(), "something is there");
        assert_eq!(root.read("a/d").unwrap().as_deref(), Some(b"three".as_slice()));
        assert_eq!(root.names("a").unwrap(), [("b".to_owned(), true), ("d".to_owned(), false)]);
        root.remove("a/d").unwrap();
        root.remove("a/d").unwrap();
        assert_eq!((root.read("a/d").unwrap(), root.read("nowhere/d").unwrap()), (None, None));
        assert!(root.directory("nowhere").unwrap().is_none());
        assert_eq!(root.names("a/b").unwrap(), [("c.json".to_owned(), false)], "nothing is left beside it");
    }

    #[test]
    fn many_may_write_one_file_at_once_and_it_is_always_whole() {
        let (_place, root) = place();
        let root = std::sync::Arc::new(root);
        let content = |writer: u8| vec![writer; 10_000];
        root.write("a/b", &content(0)).unwrap();
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let root = root.clone();
                std::thread::spawn(move || {
                    for _ in 0..50 {
                        root.write("a/b", &content(writer)).unwrap();
                        let found = root.read("a/b").unwrap().unwrap();
                        assert_eq!(found, content(found[0]));
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(root.names("a").unwrap(), [("b".to_owned(), false)], "nothing is left beside it");
    }

    #[test]
    fn what_cannot_be_put_in_its_place_is_not_left_beside_it() {
        let (_place, root) = place();
        root.make("a/b").unwrap();
        assert!(root.directory("a").unwrap().unwrap().write("b", b"x").is_err());
        assert_eq!(root.names("a").unwrap(), [("b".to_owned(), true)]);
    }

    #[test]
    fn what_is_made_belongs_to_the_owner_of_the_root() {
        use std::os::unix::fs::{MetadataExt, chown};
        let (_place, root) = place();
        // A process that may change owners has done so: a runner's user, and this process in its container.
        let may = chown(root.path(), Some(1001), Some(127)).is_ok();
        let root = Root::open(root.path()).unwrap();
        let owner = std::fs::metadata(root.path()).unwrap();
        assert_eq!(owner.uid() == 1001, may);
        root.make("kept/deep").unwrap();
        root.write("kept/report.json", b"{}").unwrap();
        root.directory("kept").unwrap().unwrap().create("deep/assay.db", b"").unwrap();
        for path in ["kept", "kept/deep", "kept/report.json", "kept/deep/assay.db"] {
            let made = std::fs::metadata(root.path().join(path)).unwrap();
            assert_eq!((made.uid(), made.gid()), (owner.uid(), owner.gid()), "{path}");
        }
    }

    #[test]
    fn no_link_and_no_climbing_leads_out() {
        let (place, root) = place();
        let outside = place.path().join("outside");
        symlink(&outside, root.path().join("linked")).unwrap();
        symlink(outside.join("secret"), root.path().join("inside/file")).unwrap();
        symlink(outside.join("new"), root.path().join("inside/dangling")).unwrap();
        symlink("inside", root.path().join("around")).unwrap();
        std::fs::write(root.path().join("plain"), "x").unwrap();
        let paths = [
            "linked/x",
            "linked",
            "inside/file",
            "inside/dangling",
            "around/x",
            "../x",
            "inside/../../x",
            "plain/x",
        ];
        for path in paths {
            for refused in [
                root.write(path, b"x").map(|()| true),
                root.read(path).map(|found| found.is_some()),
                root.create(path, b"x"),
                root.make(path).map(|_| true),
            ] {
                let error = refused.expect_err(path);
                let known = error.get_ref().and_then(|inner| inner.downcast_ref::<Refused>());
                assert!(
                    known.is_some() || path.starts_with("inside/d") || path.starts_with("inside/f"),
                    "{path}: {error}"
                );
            }
        }
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1, "nothing was written");
        assert_eq!(std::fs::read_to_string(outside.join("secret")).unwrap(), "secret");
    }

    #[test]
    fn a_file_s_directory_is_made_from_what_is_there() {
        let (place, _root) = place();
        let file = place.path().join("root/new/er/assay.db");
        let (made, is_new) = directory_of(&file).unwrap();
        assert!(is_new && made.path().ends_with("root/new/er"));
        assert!(!directory_of(&file).unwrap().1);
    }
}
