using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Resources;

namespace NfceSync.Core;

/// <summary>
/// Every text that a user sees, in English and Brazilian Portuguese (any <c>pt*</c> culture), by the thread's UI culture.
/// The resources lie beside the code that uses them, one file a folder; ids are unique over all.
/// </summary>
public static class Texts
{
    private static readonly ResourceManager[] Areas =
        new[] { "Notes.NotesText", "Stores.StoresText", "Queue.QueueText", "Sefaz.SefazText", "Sync.SyncText" }
            .Select(area => new ResourceManager("NfceSync.Core." + area, typeof(Texts).Assembly))
            .ToArray();

    /// <summary>The text <paramref name="id"/> in the thread's UI culture, its placeholders filled in the same culture.</summary>
    /// <param name="id">The text's name.</param>
    /// <param name="args">What <c>{0}</c>, <c>{1}</c> … stand for.</param>
    /// <exception cref="ArgumentException">No text has that name.</exception>
    public static string Get(string id, params object?[] args) => In(CultureInfo.CurrentUICulture, id, args);

    /// <summary>How many there are, in words: the text <paramref name="id"/>, or that of one where it is one.</summary>
    /// <param name="id">The name of the text for several; that for one ends in <c>One</c>.</param>
    /// <param name="count">How many, which <c>{0}</c> stands for.</param>
    public static string Count(string id, long count) => Get(count == 1 ? id + "One" : id, count);

    /// <summary>The text <paramref name="id"/> in the language of <paramref name="culture"/>.</summary>
    /// <param name="culture">Portuguese for <c>pt*</c>, English otherwise.</param>
    /// <param name="id">The text's name.</param>
    /// <param name="args">What <c>{0}</c>, <c>{1}</c> … stand for.</param>
    /// <exception cref="ArgumentException">No text has that name.</exception>
    public static string In(CultureInfo culture, string id, params object?[] args)
    {
        string text = Areas.Select(area => area.GetString(id, culture)).FirstOrDefault(found => found is not null)
            ?? throw new ArgumentException($"No text is named '{id}'.", nameof(id));
        return args.Length == 0 ? text : string.Format(culture, text, args);
    }

    /// <summary>Whether there is a text of that name.</summary>
    internal static bool Has(string id) => Areas.Any(area => area.GetString(id, CultureInfo.InvariantCulture) is not null);

    /// <summary>The names of all texts, for the tests that hold the two languages against each other.</summary>
    internal static IEnumerable<string> Names(CultureInfo culture) =>
        from area in Areas
        let set = area.GetResourceSet(culture, createIfNotExists: true, tryParents: false)
        where set is not null
        from System.Collections.DictionaryEntry entry in set
        select (string)entry.Key;
}
