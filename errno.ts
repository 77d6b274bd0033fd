/**
 * The system's error numbers, under their POSIX names.
 *
 * They are the numbers of the system that the program runs on: `EAGAIN` is 11
 * on Linux and 35 on macOS. A name that the system does not have keeps
 * Linux's number.
 *
 * ```ts
 * import { errno } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(errno.errorcode[errno.ECONNREFUSED], "ECONNREFUSED");
 * assertEquals(errno.strerror(errno.ECONNREFUSED), "Connection refused");
 * ```
 *
 * Follows Python's
 * [`errno`](https://docs.python.org/3/library/errno.html).
 *
 * @module errno
 */

import { names, numbers, words } from "./errno/table.ts";

/**
 * The name of every error number, as in Python: `errorcode[errno.EPERM]` is
 * `"EPERM"`. A number without a name gives `undefined`. Where two names share
 * a number, it is the one that Python gives (`EAGAIN`, not `EWOULDBLOCK`).
 *
 * Follows Python's
 * [`errno.errorcode`](https://docs.python.org/3/library/errno.html#errno.errorcode).
 */
export const errorcode: Readonly<Record<number, string>> = names;

/**
 * The meaning of an error number, in the words of the GNU C library, whatever
 * the system.
 *
 * ```ts
 * import { errno } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(errno.strerror(errno.EPIPE), "Broken pipe");
 * assertEquals(errno.strerror(999), "Unknown error 999");
 * ```
 *
 * Follows Python's
 * [`os.strerror`](https://docs.python.org/3/library/os.html#os.strerror).
 *
 * @param code An error number; any 32-bit signed integer.
 * @returns The words; `Unknown error` and the number where there are none.
 * @throws {TypeError} If `code` is not an integer.
 * @throws {RangeError} If `code` does not fit in 32 bits.
 */
export function strerror(code: number): string {
  if (!Number.isInteger(code)) {
    throw new TypeError(`an integer is required (got ${String(code)})`);
  }
  if (code !== (code | 0)) {
    throw new RangeError(`error number out of range: ${code}`);
  }
  return words[code] ?? `Unknown error ${code}`;
}

/** Operation not permitted. */
export const EPERM: number = numbers.EPERM;
/** No such file or directory. */
export const ENOENT: number = numbers.ENOENT;
/** No such process. */
export const ESRCH: number = numbers.ESRCH;
/** A signal interrupted the call. */
export const EINTR: number = numbers.EINTR;
/** Input/output error. */
export const EIO: number = numbers.EIO;
/** No such device or address. */
export const ENXIO: number = numbers.ENXIO;
/** Argument list too long. */
export const E2BIG: number = numbers.E2BIG;
/** Exec format error. */
export const ENOEXEC: number = numbers.ENOEXEC;
/** Bad file descriptor: the socket is closed, detached or handed over. */
export const EBADF: number = numbers.EBADF;
/** No child processes. */
export const ECHILD: number = numbers.ECHILD;
/** The operation would have to wait; the same number as `EAGAIN`. */
export const EWOULDBLOCK: number = numbers.EWOULDBLOCK;
/** Resource temporarily unavailable: a non-blocking operation would have to wait. */
export const EAGAIN: number = numbers.EAGAIN;
/** Cannot allocate memory. */
export const ENOMEM: number = numbers.ENOMEM;
/** Permission denied, by the system or by a missing Deno permission. */
export const EACCES: number = numbers.EACCES;
/** Bad address. */
export const EFAULT: number = numbers.EFAULT;
/** Block device required. */
export const ENOTBLK: number = numbers.ENOTBLK;
/** Device or resource busy. */
export const EBUSY: number = numbers.EBUSY;
/** File exists. */
export const EEXIST: number = numbers.EEXIST;
/** Invalid cross-device link. */
export const EXDEV: number = numbers.EXDEV;
/** No such device. */
export const ENODEV: number = numbers.ENODEV;
/** Not a directory. */
export const ENOTDIR: number = numbers.ENOTDIR;
/** Is a directory. */
export const EISDIR: number = numbers.EISDIR;
/** Invalid argument, or an operation that the socket's state rules out. */
export const EINVAL: number = numbers.EINVAL;
/** Too many open files in the whole system. */
export const ENFILE: number = numbers.ENFILE;
/** Too many open files in this process. */
export const EMFILE: number = numbers.EMFILE;
/** Inappropriate ioctl for device. */
export const ENOTTY: number = numbers.ENOTTY;
/** Text file busy. */
export const ETXTBSY: number = numbers.ETXTBSY;
/** File too large. */
export const EFBIG: number = numbers.EFBIG;
/** No space left on device. */
export const ENOSPC: number = numbers.ENOSPC;
/** Illegal seek. */
export const ESPIPE: number = numbers.ESPIPE;
/** Read-only file system. */
export const EROFS: number = numbers.EROFS;
/** Too many links. */
export const EMLINK: number = numbers.EMLINK;
/** Broken pipe: writing to a connection that is shut down for writing. */
export const EPIPE: number = numbers.EPIPE;
/** Numerical argument out of domain. */
export const EDOM: number = numbers.EDOM;
/** Numerical result out of range. */
export const ERANGE: number = numbers.ERANGE;
/** Resource deadlock avoided. */
export const EDEADLK: number = numbers.EDEADLK;
/** Resource deadlock avoided; another name of `EDEADLK`. */
export const EDEADLOCK: number = numbers.EDEADLOCK;
/** File name too long. */
export const ENAMETOOLONG: number = numbers.ENAMETOOLONG;
/** No locks available. */
export const ENOLCK: number = numbers.ENOLCK;
/** Function not implemented. */
export const ENOSYS: number = numbers.ENOSYS;
/** Directory not empty. */
export const ENOTEMPTY: number = numbers.ENOTEMPTY;
/** Too many levels of symbolic links. */
export const ELOOP: number = numbers.ELOOP;
/** No message of desired type. */
export const ENOMSG: number = numbers.ENOMSG;
/** Identifier removed. */
export const EIDRM: number = numbers.EIDRM;
/** Channel number out of range. */
export const ECHRNG: number = numbers.ECHRNG;
/** Level 2 not synchronized. */
export const EL2NSYNC: number = numbers.EL2NSYNC;
/** Level 3 halted. */
export const EL3HLT: number = numbers.EL3HLT;
/** Level 3 reset. */
export const EL3RST: number = numbers.EL3RST;
/** Link number out of range. */
export const ELNRNG: number = numbers.ELNRNG;
/** Protocol driver not attached. */
export const EUNATCH: number = numbers.EUNATCH;
/** No CSI structure available. */
export const ENOCSI: number = numbers.ENOCSI;
/** Level 2 halted. */
export const EL2HLT: number = numbers.EL2HLT;
/** Invalid exchange. */
export const EBADE: number = numbers.EBADE;
/** Invalid request descriptor. */
export const EBADR: number = numbers.EBADR;
/** Exchange full. */
export const EXFULL: number = numbers.EXFULL;
/** No anode. */
export const ENOANO: number = numbers.ENOANO;
/** Invalid request code. */
export const EBADRQC: number = numbers.EBADRQC;
/** Invalid slot. */
export const EBADSLT: number = numbers.EBADSLT;
/** Bad font file format. */
export const EBFONT: number = numbers.EBFONT;
/** Device not a stream. */
export const ENOSTR: number = numbers.ENOSTR;
/** No data available. */
export const ENODATA: number = numbers.ENODATA;
/** Timer expired. */
export const ETIME: number = numbers.ETIME;
/** Out of streams resources. */
export const ENOSR: number = numbers.ENOSR;
/** Machine is not on the network. */
export const ENONET: number = numbers.ENONET;
/** Package not installed. */
export const ENOPKG: number = numbers.ENOPKG;
/** Object is remote. */
export const EREMOTE: number = numbers.EREMOTE;
/** Link has been severed. */
export const ENOLINK: number = numbers.ENOLINK;
/** Advertise error. */
export const EADV: number = numbers.EADV;
/** Srmount error: a remote resource is still mounted. */
export const ESRMNT: number = numbers.ESRMNT;
/** Communication error on send. */
export const ECOMM: number = numbers.ECOMM;
/** Protocol error. */
export const EPROTO: number = numbers.EPROTO;
/** Multihop attempted. */
export const EMULTIHOP: number = numbers.EMULTIHOP;
/** RFS specific error. */
export const EDOTDOT: number = numbers.EDOTDOT;
/** Bad message. */
export const EBADMSG: number = numbers.EBADMSG;
/** Value too large for defined data type. */
export const EOVERFLOW: number = numbers.EOVERFLOW;
/** Name not unique on network. */
export const ENOTUNIQ: number = numbers.ENOTUNIQ;
/** File descriptor in bad state. */
export const EBADFD: number = numbers.EBADFD;
/** Remote address changed. */
export const EREMCHG: number = numbers.EREMCHG;
/** Can not access a needed shared library. */
export const ELIBACC: number = numbers.ELIBACC;
/** Accessing a corrupted shared library. */
export const ELIBBAD: number = numbers.ELIBBAD;
/** The .lib section of an a.out file is corrupted. */
export const ELIBSCN: number = numbers.ELIBSCN;
/** Attempting to link in too many shared libraries. */
export const ELIBMAX: number = numbers.ELIBMAX;
/** Cannot exec a shared library directly. */
export const ELIBEXEC: number = numbers.ELIBEXEC;
/** Invalid or incomplete multibyte or wide character. */
export const EILSEQ: number = numbers.EILSEQ;
/** Interrupted system call should be restarted. */
export const ERESTART: number = numbers.ERESTART;
/** Streams pipe error. */
export const ESTRPIPE: number = numbers.ESTRPIPE;
/** Too many users. */
export const EUSERS: number = numbers.EUSERS;
/** Socket operation on something that is not a socket. */
export const ENOTSOCK: number = numbers.ENOTSOCK;
/** Destination address required. */
export const EDESTADDRREQ: number = numbers.EDESTADDRREQ;
/** Message too long for one datagram. */
export const EMSGSIZE: number = numbers.EMSGSIZE;
/** Protocol wrong type for socket. */
export const EPROTOTYPE: number = numbers.EPROTOTYPE;
/** Protocol not available: no such socket option at that level. */
export const ENOPROTOOPT: number = numbers.ENOPROTOOPT;
/** Protocol not supported. */
export const EPROTONOSUPPORT: number = numbers.EPROTONOSUPPORT;
/** Socket type not supported. */
export const ESOCKTNOSUPPORT: number = numbers.ESOCKTNOSUPPORT;
/** Operation not supported by this kind of socket; on Linux the number of `ENOTSUP`. */
export const EOPNOTSUPP: number = numbers.EOPNOTSUPP;
/** Operation not supported. */
export const ENOTSUP: number = numbers.ENOTSUP;
/** Protocol family not supported. */
export const EPFNOSUPPORT: number = numbers.EPFNOSUPPORT;
/** Address family not supported by protocol. */
export const EAFNOSUPPORT: number = numbers.EAFNOSUPPORT;
/** Address already in use. */
export const EADDRINUSE: number = numbers.EADDRINUSE;
/** Cannot assign requested address: it is not one of this machine's. */
export const EADDRNOTAVAIL: number = numbers.EADDRNOTAVAIL;
/** Network is down. */
export const ENETDOWN: number = numbers.ENETDOWN;
/** Network is unreachable. */
export const ENETUNREACH: number = numbers.ENETUNREACH;
/** Network dropped connection on reset. */
export const ENETRESET: number = numbers.ENETRESET;
/** Software caused connection abort: it ended before it was accepted. */
export const ECONNABORTED: number = numbers.ECONNABORTED;
/** Connection reset by peer. */
export const ECONNRESET: number = numbers.ECONNRESET;
/** No buffer space available. */
export const ENOBUFS: number = numbers.ENOBUFS;
/** Transport endpoint is already connected. */
export const EISCONN: number = numbers.EISCONN;
/** Transport endpoint is not connected. */
export const ENOTCONN: number = numbers.ENOTCONN;
/** Cannot send after transport endpoint shutdown. */
export const ESHUTDOWN: number = numbers.ESHUTDOWN;
/** Too many references: descriptors in flight cannot be spliced. */
export const ETOOMANYREFS: number = numbers.ETOOMANYREFS;
/** Connection timed out: the peer did not answer. */
export const ETIMEDOUT: number = numbers.ETIMEDOUT;
/** Connection refused: no socket listens at that address. */
export const ECONNREFUSED: number = numbers.ECONNREFUSED;
/** Host is down. */
export const EHOSTDOWN: number = numbers.EHOSTDOWN;
/** No route to host. */
export const EHOSTUNREACH: number = numbers.EHOSTUNREACH;
/** Operation already in progress: an earlier `connect` has not ended yet. */
export const EALREADY: number = numbers.EALREADY;
/** Operation now in progress: a non-blocking `connect` has begun. */
export const EINPROGRESS: number = numbers.EINPROGRESS;
/** Stale file handle. */
export const ESTALE: number = numbers.ESTALE;
/** Structure needs cleaning. */
export const EUCLEAN: number = numbers.EUCLEAN;
/** Not a XENIX named type file. */
export const ENOTNAM: number = numbers.ENOTNAM;
/** No XENIX semaphores available. */
export const ENAVAIL: number = numbers.ENAVAIL;
/** Is a named type file. */
export const EISNAM: number = numbers.EISNAM;
/** Remote I/O error. */
export const EREMOTEIO: number = numbers.EREMOTEIO;
/** Disk quota exceeded. */
export const EDQUOT: number = numbers.EDQUOT;
/** No medium found. */
export const ENOMEDIUM: number = numbers.ENOMEDIUM;
/** Wrong medium type. */
export const EMEDIUMTYPE: number = numbers.EMEDIUMTYPE;
/** Operation canceled. */
export const ECANCELED: number = numbers.ECANCELED;
/** Required key not available. */
export const ENOKEY: number = numbers.ENOKEY;
/** Key has expired. */
export const EKEYEXPIRED: number = numbers.EKEYEXPIRED;
/** Key has been revoked. */
export const EKEYREVOKED: number = numbers.EKEYREVOKED;
/** Key was rejected by service. */
export const EKEYREJECTED: number = numbers.EKEYREJECTED;
/** Owner died. */
export const EOWNERDEAD: number = numbers.EOWNERDEAD;
/** State not recoverable. */
export const ENOTRECOVERABLE: number = numbers.ENOTRECOVERABLE;
/** Operation not possible due to RF-kill. */
export const ERFKILL: number = numbers.ERFKILL;
