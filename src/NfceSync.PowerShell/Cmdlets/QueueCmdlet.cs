using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Security;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>A cmdlet that works on this machine's queue.</summary>
public abstract class QueueCmdlet : NfceCmdlet
{
    private readonly HashSet<string> _told = [];

    /// <summary>The folder of the queue, where it is not the usual one nor <c>NFCESYNC_HOME</c>.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? QueuePath { get; set; }

    private protected static DateTimeOffset Now => DateTimeOffset.UtcNow;

    /// <summary>Where the queue is, as the user said it.</summary>
    private protected QueueOptions Options => new() { Home = QueuePath is null ? null : FullPath(QueuePath) };

    private protected NfceQueue OpenQueue() => NfceQueue.Open(Options);

    /// <summary>
    /// Opens the queue for who only looks: where there is none (a mistyped path) none is made, and that no store is registered
    /// there is told as an error. Null then.
    /// </summary>
    private protected NfceQueue? OpenExistingQueue(Action<NfceSyncException> error)
    {
        QueueOptions options = Options;
        string home = QueueHome.Resolve(options.Home);
        if (QueueHome.Exists(home))
        {
            return NfceQueue.Open(options);
        }

        error(NoStores(home));
        return null;
    }

    /// <summary>The one store of exactly that name: a command that changes a store takes no pattern.</summary>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceStoreNotFound"/>; <see cref="ErrorIds.NfceStoreNameIsPattern"/>.
    /// </exception>
    private protected Store ExactStore(NfceQueue queue, string name) => WildcardPattern.ContainsWildcardCharacters(name)
        ? throw new NfceSyncException(
            ErrorIds.NfceStoreNameIsPattern, NfceErrorCategory.InvalidArgument, name, name, MyInvocation.MyCommand.Name)
        : queue.Stores.Get(name);

    /// <summary>The absolute path on the file system of a path as the user gave it, relative to the session's location.</summary>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfcePathNotAbsolute"/>: it is no path of the file system.</exception>
    private protected string FullPath(string path)
    {
        try
        {
            string full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return provider.Name == "FileSystem" ? full : throw NoFilePath(null, path);
        }
        catch (Exception e) when (e is ProviderNotFoundException or System.Management.Automation.DriveNotFoundException or NotSupportedException)
        {
            throw NoFilePath(e, path);
        }
    }

    /// <summary>
    /// The registered stores that the names mean; all for no names. A name or pattern that means none is told as an error:
    /// nothing listed must never be taken for nothing pending.
    /// </summary>
    private protected static List<Store> FindStores(NfceQueue queue, IReadOnlyCollection<string>? names, Action<NfceSyncException> error)
    {
        IReadOnlyList<Store> all = queue.Stores.All();
        if (names is null)
        {
            if (all.Count == 0)
            {
                error(NoStores(queue.Home));
            }

            return all.ToList();
        }

        var found = new List<Store>();
        foreach (string name in names)
        {
            List<Store> meant = Meant(all, name, error, mayBeNone: false);
            found.AddRange(meant.Where(store => found.TrueForAll(other => other.Id != store.Id)));
        }

        return found;
    }

    /// <summary>The stores that a name or pattern means; that it means none is an error, unless it may be so.</summary>
    private protected static List<Store> Meant(
        IEnumerable<Store> stores, string name, Action<NfceSyncException> error, bool mayBeNone)
    {
        try
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            List<Store> meant = stores.Where(store => pattern.IsMatch(store.Name)).ToList();
            if (meant.Count == 0 && !mayBeNone)
            {
                error(NotFound(name));
            }

            return meant;
        }
        catch (WildcardPatternException e)
        {
            error(new NfceSyncException(e, ErrorIds.NfceNamePatternInvalid, NfceErrorCategory.InvalidArgument, name, name));
            return [];
        }
    }

    private protected static NfceSyncException NotFound(string? name) =>
        new(ErrorIds.NfceStoreNotFound, NfceErrorCategory.ObjectNotFound, name, name);

    /// <summary>Whether to go on with an act: asks where PowerShell would ask, and tells what would be done for <c>-WhatIf</c>.</summary>
    private protected Task<bool> ProceedAsync(PipelineWriter writer, string target, string questionId, string actionId) =>
        writer.AskAsync(() => IsWhatIf
            ? ShouldProcess(PowerShellTexts.Get(actionId, target), PowerShellTexts.Get(actionId, target), "")
            : Confirm(PowerShellTexts.Get(questionId, target), target));

    /// <summary>
    /// Looks into a store's folders before it leaves them: what the ERP has left since the last look counts as pending, too.
    /// A folder that is gone does not keep it there.
    /// </summary>
    private protected static async Task TakeInBeforeLeavingAsync(NfceQueue queue, Store store, PipelineWriter writer, CancellationToken stop)
    {
        IntakeReport intake = await new Intake(queue, store).TakeInAsync(stop);
        foreach (NfceSyncException problem in intake.Problems)
        {
            writer.WriteWarning(problem.Message);
        }
    }

    /// <summary>What stands against a store; what stands against all of them is told once.</summary>
    private protected void WriteProblems(VerificationReport report, PipelineWriter writer)
    {
        foreach (NfceSyncException problem in report.Problems.Where(problem => _told.Add(problem.Message)))
        {
            writer.WriteError(problem);
        }
    }

    /// <summary>Opens a store's way to SEFAZ; asks for the password of its PFX where that is needed and not kept.</summary>
    /// <exception cref="NfceSyncException">As <see cref="StoreConnection.Open"/>.</exception>
    private protected async Task<StoreConnection> OpenConnectionAsync(NfceQueue queue, Store store, int connections, PipelineWriter writer)
    {
        Action<string>? wire = await writer.AskAsync(() => IsDebug) ? writer.WriteDebug : null;
        try
        {
            return StoreConnection.Open(queue, store, connections, () => null, wire);
        }
        catch (NfceSyncException e) when (e.ErrorId == ErrorIds.NfcePfxPasswordNeeded)
        {
            SecureString? password = await writer.AskAsync(() => AskPassword(store.Certificate.PfxPath));
            if (password is null)
            {
                throw;
            }

            return StoreConnection.Open(queue, store, connections, () => password, wire);
        }
    }

    /// <summary>Asks for the password of a PFX file; null where nobody can be asked. Called on the pipeline's thread.</summary>
    private protected SecureString? AskPassword(string? pfxPath)
    {
        try
        {
            Host.UI.Write(PowerShellTexts.Get("PasswordQuestion", pfxPath) + " ");
            return Host.UI.ReadLineAsSecureString();
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // Hosts refuse in different ways: -NonInteractive, a host without a console, a job, a client that cannot ask.
            WriteDebug(e.Message);
            return null;
        }
    }

    private static NfceSyncException NoStores(string home) =>
        new(ErrorIds.NfceNoStores, NfceErrorCategory.ObjectNotFound, home, home);

    private static NfceSyncException NoFilePath(Exception? inner, string path) =>
        new(inner, ErrorIds.NfcePathNotAbsolute, NfceErrorCategory.InvalidArgument, path, path);
}
