using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace NfceSync.Core.Stores;

/// <summary>
/// Keeps the passwords of PFX files, one file a store, so that a run needs nobody at the keyboard.
/// </summary>
/// <remarks>
/// What protects a password, honestly: on Windows DPAPI LocalMachine binds it to the machine and the file's ACL (its owner,
/// Administrators, SYSTEM) keeps other users out; an administrator of the machine can read it. Elsewhere there is no key
/// that a run without a person could use, so the file's mode (0600, in a folder of 0700) is all: the content is encoded,
/// not encrypted, root and whoever gets the disk or a backup can read it. Who does not want that does not keep the password.
/// </remarks>
public sealed class PfxSecretStore
{
    private readonly string _folder;

    /// <summary>Uses a folder; it is made when the first password is kept.</summary>
    /// <param name="folder">The folder's absolute path, for nothing else.</param>
    public PfxSecretStore(string folder) => _folder = folder;

    /// <summary>Keeps a password, in place of the one kept under that key before.</summary>
    /// <param name="key">Which store's it is; without regard to case. It does not show in the file's name.</param>
    /// <param name="password">The password; stays the caller's to dispose of.</param>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceSecretFileUnwritable"/>.</exception>
    public void Save(string key, SecureString password)
    {
        string path = PathOf(key);
        string draft = path + "." + Guid.NewGuid().ToString("N");
        byte[] clear = ToBytes(password);
        try
        {
            SecretFiles.CreateFolder(_folder);
            SecretFiles.Write(draft, Protect(clear));
            Replace(draft, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            if (File.Exists(draft))
            {
                File.Delete(draft);
            }

            throw new NfceSyncException(
                e, ErrorIds.NfceSecretFileUnwritable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message);
        }
        finally
        {
            Array.Clear(clear, 0, clear.Length);
        }
    }

    /// <summary>The password that was kept.</summary>
    /// <param name="key">Which store's it is.</param>
    /// <returns>The password, the caller's to dispose of; null where none is kept.</returns>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceSecretFileUnsafe"/> where others can read or own the file;
    /// <see cref="ErrorIds.NfceSecretFileUnreadable"/> where it is damaged or of another machine.
    /// </exception>
    public SecureString? TryLoad(string key)
    {
        string path = PathOf(key);
        try
        {
            byte[] clear = Unprotect(SecretFiles.Read(path));
            try
            {
                return FromBytes(clear);
            }
            finally
            {
                Array.Clear(clear, 0, clear.Length);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            throw new NfceSyncException(
                e, ErrorIds.NfceSecretFileUnreadable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message);
        }
    }

    /// <summary>Forgets a password.</summary>
    /// <param name="key">Which store's it is.</param>
    /// <returns>Whether one was kept.</returns>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceSecretFileUnwritable"/>.</exception>
    public bool Delete(string key)
    {
        string path = PathOf(key);
        try
        {
            bool kept = File.Exists(path);
            if (kept)
            {
                File.Delete(path);
            }

            return kept;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NfceSyncException(
                e, ErrorIds.NfceSecretFileUnwritable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message);
        }
    }

    // A key may hold a CPF or what a file name may not; its hash holds neither.
    private string PathOf(string key)
    {
        byte[] name = Encoding.UTF8.GetBytes(key.ToUpperInvariant());
#if NET
        byte[] hash = SHA256.HashData(name);
#else
        using var sha = SHA256.Create();
        byte[] hash = sha.ComputeHash(name);
#endif
        return Path.Combine(_folder, string.Concat(hash.Select(b => b.ToString("x2", null))) + ".secret");
    }

    private static byte[] Protect(byte[] clear) => Platform.IsWindows
        ? ProtectedData.Protect(clear, optionalEntropy: null, DataProtectionScope.LocalMachine)
        : Encoding.ASCII.GetBytes(Convert.ToBase64String(clear));

    private static byte[] Unprotect(byte[] content) => Platform.IsWindows
        ? ProtectedData.Unprotect(content, optionalEntropy: null, DataProtectionScope.LocalMachine)
        : Convert.FromBase64String(Encoding.ASCII.GetString(content));

    private static void Replace(string draft, string path)
    {
#if NET
        File.Move(draft, path, overwrite: true);
#else
        if (File.Exists(path))
        {
            File.Replace(draft, path, destinationBackupFileName: null);
        }
        else
        {
            File.Move(draft, path);
        }
#endif
    }

    private static byte[] ToBytes(SecureString password)
    {
        IntPtr unmanaged = Marshal.SecureStringToGlobalAllocUnicode(password);
        try
        {
            byte[] bytes = new byte[password.Length * sizeof(char)];
            Marshal.Copy(unmanaged, bytes, 0, bytes.Length);
            return bytes;
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(unmanaged);
        }
    }

    private static SecureString FromBytes(byte[] bytes)
    {
        var password = new SecureString();
        for (int i = 0; i + 1 < bytes.Length; i += sizeof(char))
        {
            password.AppendChar((char)(bytes[i] | (bytes[i + 1] << 8)));
        }

        password.MakeReadOnly();
        return password;
    }
}
