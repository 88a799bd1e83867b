using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace NfceSync.SefazSimulator;

/// <summary>
/// Lets scripts drive the simulator by JSON over plain HTTP on 127.0.0.1: GET /ledger, GET /calls, GET /faults,
/// POST /faults (one rule or an array), DELETE /faults, POST /notes, POST /cancel, POST /deny.
/// </summary>
internal sealed class ControlEndpoint(SefazCore core)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private readonly NoteFactory _factory = new(core.Authority, core.Options.TimeProvider, core.Options.Seed);

    public async Task Handle(HttpContext context)
    {
        // A page in a browser must not reach it through a name it made up.
        if (context.Request.Host.Host is not ("127.0.0.1" or "localhost"))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        try
        {
            var result = await Answer(context.Request, context.RequestAborted);
            if (result is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await context.Response.WriteAsJsonAsync(result, Json, context.RequestAborted);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or IOException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(e.Message, context.RequestAborted);
        }
    }

    private async Task<object?> Answer(HttpRequest request, CancellationToken cancellationToken)
    {
        switch (request.Method, request.Path.Value)
        {
            case ("GET", "/ledger"):
                return core.Ledger.Entries.Select(Shown).ToArray();
            case ("GET", "/calls"):
                return core.Ledger.Calls;
            case ("GET", "/faults"):
                return core.Faults.Rules;
            case ("POST", "/faults"):
                core.Faults.Add(await ReadRules(request, cancellationToken));
                return core.Faults.Rules;
            case ("DELETE", "/faults"):
                core.Faults.Clear();
                return core.Faults.Rules;
            case ("POST", "/notes"):
                return MakeNotes(await Read<NotesWish>(request, cancellationToken));
            case ("POST", "/cancel"):
                return Shown(core.Ledger.Cancel((await Read<KeyWish>(request, cancellationToken)).ChNFe));
            case ("POST", "/deny"):
                return Shown(core.Ledger.Deny((await Read<KeyWish>(request, cancellationToken)).ChNFe));
            default:
                return null;
        }
    }

    private static async Task<FaultRule[]> ReadRules(HttpRequest request, CancellationToken cancellationToken)
    {
        using var document = await JsonDocument.ParseAsync(request.Body, default, cancellationToken);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? document.Deserialize<FaultRule[]>(Json)!
            : [document.Deserialize<FaultRule>(Json) ?? throw new JsonException("No rule.")];
    }

    private static async Task<T> Read<T>(HttpRequest request, CancellationToken cancellationToken) =>
        await JsonSerializer.DeserializeAsync<T>(request.Body, Json, cancellationToken) ?? throw new JsonException("No content.");

    private List<MadeNote> MakeNotes(NotesWish wish)
    {
        Directory.CreateDirectory(wish.Folder);
        var first = new NoteRequest { IssuerId = wish.IssuerId, Uf = core.Options.Uf, TpAmb = core.Options.TpAmb, Serie = wish.Serie, Number = wish.FirstNumber, TpEmis = wish.TpEmis };
        var made = new List<MadeNote>();
        foreach (var note in _factory.CreateMany(first, wish.Count))
        {
            var path = Path.Combine(wish.Folder, note.FileName);
            File.WriteAllBytes(path, note.Bytes.ToArray());
            made.Add(new MadeNote(note.ChNFe, note.DigestValue, path));
        }

        return made;
    }

    private static ShownEntry Shown(LedgerEntry entry) =>
        new(entry.ChNFe, entry.DigVal, entry.NProt, entry.DhRecbto, entry.CStat, entry.State);

    private sealed record KeyWish(string ChNFe);

    private sealed record NotesWish(string Folder)
    {
        public int Count { get; init; } = 1;

        public string IssuerId { get; init; } = "12345678000195";

        public int Serie { get; init; } = 1;

        public int FirstNumber { get; init; } = 1;

        public int TpEmis { get; init; } = 9;
    }

    private sealed record MadeNote(string ChNFe, string DigestValue, string Path);

    private sealed record ShownEntry(string ChNFe, string? DigVal, string NProt, DateTimeOffset DhRecbto, int CStat, NoteState State);
}
