using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>What <c>Register-NfceStore</c> and <c>Set-NfceStore</c> have in common: a store's certificate.</summary>
public abstract class StoreSettingsCmdlet : QueueCmdlet
{
    /// <summary>The PFX file with the certificate.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public virtual string? CertificatePath { get; set; }

    /// <summary>The password of the PFX file.</summary>
    [Parameter]
    [ValidateNotNull]
    public virtual SecureString? CertificatePassword { get; set; }

    /// <summary>The password of the PFX file, as a credential; its user name is not looked at.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public virtual PSCredential? CertificateCredential { get; set; }

    /// <summary>Keeps the password protected on this machine, so that a run needs nobody at the keyboard.</summary>
    [Parameter]
    public virtual SwitchParameter SavePassword { get; set; }

    /// <summary>The thumbprint of a certificate in the Windows certificate store.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public virtual string? Thumbprint { get; set; }

    private protected bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private protected IReadOnlyList<SourceFolder> Folders(IEnumerable<string> paths, bool recurse, string pattern) =>
        paths.Select(path => new SourceFolder(FullPath(path), recurse, pattern)).ToList();

    /// <summary>
    /// Opens the certificate, so that a wrong password or an expired certificate shows now and not at night. Gives back the
    /// password that opened it; null where it needed none.
    /// </summary>
    private protected async Task<SecureString?> CheckCertificateAsync(Store store, PipelineWriter writer)
    {
        SecureString? password = (CertificatePassword ?? CertificateCredential?.Password)?.Copy();
        CertificateReference reference = store.Certificate;
        try
        {
            // A password that was given is tried at once: a file without one opens with it all the same.
            using X509Certificate2 certificate = password is null
                ? StoreConnection.LoadCertificate(reference, () => null, Now)
                : StoreCertificate.Load(reference, password.Copy, Now);
            Judge(store, CertificateInfo.From(certificate), writer);
            return password;
        }
        catch (NfceSyncException e) when (e.ErrorId == ErrorIds.NfcePfxPasswordNeeded)
        {
            password = await writer.AskAsync(() => AskPassword(reference.PfxPath));
            if (password is null)
            {
                throw;
            }

            using X509Certificate2 certificate = StoreCertificate.Load(reference, password.Copy, Now);
            Judge(store, CertificateInfo.From(certificate), writer);
            return password;
        }
    }

    /// <summary>Keeps the password, or forgets one that was kept for another certificate.</summary>
    private protected void KeepPassword(NfceQueue queue, Store store, SecureString? password)
    {
        if (SavePassword && password is not null)
        {
            queue.Secrets.Save(StoreConnection.SecretKey(store), password);
        }
        else
        {
            queue.Secrets.Delete(StoreConnection.SecretKey(store));
        }
    }

    private protected static void WarnOfMissingFolders(Store store, PipelineWriter writer)
    {
        foreach (SourceFolder folder in store.Sources.Where(folder => !Directory.Exists(folder.Path)))
        {
            writer.WriteWarning(Texts.Get(ErrorIds.NfceSourceFolderMissing, folder.Path));
        }
    }

    private static void Judge(Store store, CertificateInfo certificate, PipelineWriter writer)
    {
        if (certificate.OtherIssuerWarning(store.IssuerId) is { } warning)
        {
            writer.WriteWarning(Texts.Get(warning, store.Name));
        }
    }
}
