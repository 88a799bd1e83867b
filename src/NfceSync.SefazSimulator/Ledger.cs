using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography.X509Certificates;

namespace NfceSync.SefazSimulator;

/// <summary>The truth: what SEFAZ has registered, and every call in its order. Safe for any number of threads.</summary>
public sealed class Ledger
{
    private readonly object _gate = new();
    private readonly Dictionary<string, LedgerEntry> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _naturalKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _receipts = new(StringComparer.Ordinal);
    private readonly List<CallRecord> _calls = [];
    private readonly FederativeUnit _uf;
    private readonly int _tpAmb;
    private readonly TimeProvider _time;
    private readonly TestAuthority _authority;
    private readonly StateFile? _state;
    private long _number;

    internal Ledger(SimulatorOptions options, TestAuthority authority, StateFile? state)
    {
        _uf = FederativeUnit.Of(options.Uf);
        _tpAmb = options.TpAmb;
        _time = options.TimeProvider;
        _authority = authority;
        _state = state;
        foreach (var entry in state?.Kept ?? [])
        {
            Index(entry);
            // The receipt's number is the last one an entry took.
            _number = Math.Max(_number, long.Parse(entry.NRec.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Every note SEFAZ knows, in no order.</summary>
    public IReadOnlyList<LedgerEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _byKey.Values];
            }
        }
    }

    /// <summary>Every call so far, in the order in which they came.</summary>
    public IReadOnlyList<CallRecord> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>How many notes are authorised and not cancelled.</summary>
    public int AuthorizedCount
    {
        get
        {
            lock (_gate)
            {
                return _byKey.Values.Count(entry => entry.State == NoteState.Authorized);
            }
        }
    }

    /// <summary>The note of a key, or null.</summary>
    /// <param name="chNFe">Access key.</param>
    /// <returns>The entry.</returns>
    public LedgerEntry? Find(string chNFe)
    {
        lock (_gate)
        {
            return _byKey.GetValueOrDefault(chNFe);
        }
    }

    /// <summary>The calls about one key, in their order.</summary>
    /// <param name="chNFe">Access key.</param>
    /// <returns>The calls.</returns>
    public IReadOnlyList<CallRecord> CallsAbout(string chNFe)
    {
        lock (_gate)
        {
            return [.. _calls.Where(call => call.ChNFe == chNFe)];
        }
    }

    /// <summary>Authorises a note as if the ERP had sent it by itself.</summary>
    /// <param name="note">A note, alone or in any wrapping; the first one counts.</param>
    /// <returns>The new entry.</returns>
    /// <exception cref="ArgumentException">There is no signed note in it.</exception>
    public LedgerEntry AuthorizeElsewhere(ReadOnlyMemory<byte> note)
    {
        var bytes = NoteSlices.Note(note);
        var payload = PayloadReader.Read(bytes);
        if (payload.Notes is not [{ DigestValue: { } digest } fields, ..] || fields.Key.Length == 0)
        {
            throw new ArgumentException("No signed note in these bytes.", nameof(note));
        }

        return Register(fields.Key, digest, 100, NoteState.Authorized, bytes.ToArray());
    }

    /// <summary>Cancels a registered note.</summary>
    /// <param name="chNFe">Access key.</param>
    /// <param name="cStat">What a consultation answers: 101, 151 or 155.</param>
    /// <returns>The changed entry.</returns>
    /// <exception cref="ArgumentException">The key is not registered.</exception>
    public LedgerEntry Cancel(string chNFe, int cStat = 101)
    {
        // Outside the lock: a first certificate takes a while to make.
        X509Certificate2 signer = _authority.Issue(AccessKey.IssuerId(chNFe));
        lock (_gate)
        {
            if (!_byKey.TryGetValue(chNFe, out var entry))
            {
                throw new ArgumentException($"{chNFe} is not registered.", nameof(chNFe));
            }

            return Store(entry with
            {
                State = NoteState.Cancelled,
                CancellationCStat = cStat,
                CancellationEvent = NoteDocuments.CancellationEvent(chNFe, NextProtocol(), signer, Now(), _tpAmb),
            });
        }
    }

    /// <summary>Denies a key, registered or not.</summary>
    /// <param name="chNFe">Access key.</param>
    /// <returns>The entry.</returns>
    public LedgerEntry Deny(string chNFe)
    {
        lock (_gate)
        {
            return _byKey.TryGetValue(chNFe, out var entry)
                ? Store(entry with { State = NoteState.Denied, CStat = 110 })
                : Register(chNFe, null, 110, NoteState.Denied, default);
        }
    }

    /// <summary>Registers a key as authorised with a digest of the caller's choice, replacing what was known of it.</summary>
    /// <param name="chNFe">Access key.</param>
    /// <param name="digVal">Base64 text of a digest; null to answer without one.</param>
    /// <returns>The entry.</returns>
    public LedgerEntry PlantDigest(string chNFe, string? digVal)
    {
        lock (_gate)
        {
            return _byKey.TryGetValue(chNFe, out var entry)
                ? Store(entry with { DigVal = digVal, State = NoteState.Authorized })
                : Register(chNFe, digVal, 100, NoteState.Authorized, default);
        }
    }

    internal CallRecord Begin(SefazService service, string? certificateId)
    {
        lock (_gate)
        {
            var call = new CallRecord(_calls.Count + 1, _time.GetUtcNow(), service, certificateId);
            _calls.Add(call);
            return call;
        }
    }

    internal LedgerEntry? FindNatural(string chNFe)
    {
        lock (_gate)
        {
            return _naturalKeys.TryGetValue(AccessKey.Natural(chNFe), out var key) ? _byKey[key] : null;
        }
    }

    internal LedgerEntry? FindReceipt(string nRec)
    {
        lock (_gate)
        {
            return _receipts.TryGetValue(nRec, out var key) ? _byKey[key] : null;
        }
    }

    internal LedgerEntry? AnyOther(string? chNFe)
    {
        lock (_gate)
        {
            return _byKey.Values.FirstOrDefault(entry => entry.State == NoteState.Authorized && entry.ChNFe != chNFe);
        }
    }

    /// <summary>Registers a note unless its natural key is taken; then that entry comes back and <paramref name="added"/> is false.</summary>
    internal LedgerEntry Add(string chNFe, string digVal, int cStat, ReadOnlyMemory<byte> bytes, ProcessingDelay? delay, out bool added)
    {
        lock (_gate)
        {
            if (FindNatural(chNFe) is { } known)
            {
                added = false;
                return known;
            }

            added = true;
            return delay is null
                ? Register(chNFe, digVal, cStat, NoteState.Authorized, bytes)
                : Register(chNFe, digVal, cStat, NoteState.Processing, bytes, delay);
        }
    }

    /// <summary>Counts one more call about a note in process and settles it when its delay is over; the entry after that.</summary>
    internal LedgerEntry? Touch(string chNFe)
    {
        lock (_gate)
        {
            if (!_byKey.TryGetValue(chNFe, out var entry) || entry.State != NoteState.Processing)
            {
                return entry;
            }

            if (entry.CallsLeft > 0 || _time.GetUtcNow() < entry.ReadyAt)
            {
                return Store(entry with { CallsLeft = Math.Max(0, entry.CallsLeft - 1) });
            }

            return Store(entry with { State = NoteState.Authorized, DhRecbto = Now() });
        }
    }

    internal string NewReceipt() => string.Create(CultureInfo.InvariantCulture, $"{_uf.Code:00}1{NextNumber():000000000000}");

    internal DateTimeOffset Now() => _time.GetUtcNow().ToOffset(_uf.Offset);

    private LedgerEntry Register(
        string chNFe, string? digVal, int cStat, NoteState state, ReadOnlyMemory<byte> bytes, ProcessingDelay? delay = null)
    {
        lock (_gate)
        {
            var entry = new LedgerEntry(chNFe, digVal, NextProtocol(), NewReceipt(), Now(), cStat, state, bytes);
            return Store(delay is null ? entry : entry with { CallsLeft = delay.Calls, ReadyAt = _time.GetUtcNow() + delay.Time });
        }
    }

    private LedgerEntry Store(LedgerEntry entry)
    {
        Index(entry);
        _state?.Append(entry);
        return entry;
    }

    private void Index(LedgerEntry entry)
    {
        _byKey[entry.ChNFe] = entry;
        _naturalKeys[AccessKey.Natural(entry.ChNFe)] = entry.ChNFe;
        _receipts[entry.NRec] = entry.ChNFe;
    }

    private string NextProtocol() => string.Create(CultureInfo.InvariantCulture, $"1{_uf.Code:00}{Now():yy}{NextNumber():0000000000}");

    private long NextNumber()
    {
        lock (_gate)
        {
            return ++_number;
        }
    }
}

/// <summary>How long a note stays in process: so many more calls about it, and so much time.</summary>
internal sealed record ProcessingDelay(int Calls, TimeSpan Time);
