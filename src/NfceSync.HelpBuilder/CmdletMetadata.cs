using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Security;

namespace NfceSync.HelpBuilder;

/// <summary>A parameter in one of its parameter sets.</summary>
internal sealed record ParameterMetadata(
    string Name, string Type, bool IsSwitch, bool IsList, bool Mandatory, int? Position, string Pipeline, bool Wildcards, string Aliases,
    string? Default);

/// <summary>What the engine knows of a cmdlet, read from its attributes without running any of it.</summary>
internal sealed class CmdletMetadata
{
    private static readonly Dictionary<Type, string> ShortNames = new()
    {
        [typeof(string)] = "string",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(Uri)] = "uri",
        [typeof(SecureString)] = "securestring",
        [typeof(PSCredential)] = "pscredential",
    };

    private readonly List<(string? Set, ParameterMetadata Parameter)> _parameters = [];

    private CmdletMetadata(Type type, CustomAttributeData cmdlet)
    {
        Verb = (string)cmdlet.ConstructorArguments[0].Value!;
        Noun = (string)cmdlet.ConstructorArguments[1].Value!;
        string? defaultSet = Named<string>(cmdlet, nameof(CmdletAttribute.DefaultParameterSetName));
        foreach (PropertyInfo property in type.GetProperties())
        {
            foreach (CustomAttributeData attribute in Of(property, nameof(ParameterAttribute)))
            {
                _parameters.Add((Named<string>(attribute, nameof(ParameterAttribute.ParameterSetName)), Read(property, attribute)));
            }
        }

        if (Named<bool>(cmdlet, nameof(CmdletAttribute.SupportsShouldProcess)))
        {
            _parameters.Add((null, Switch("WhatIf", "wi")));
            _parameters.Add((null, Switch("Confirm", "cf")));
        }

        // The default set first, as the engine shows them.
        string?[] sets = _parameters.Select(item => item.Set).OfType<string>().Distinct().OrderBy(set => set != defaultSet).ToArray();
        Sets = (sets.Length == 0 ? [null] : sets).Select(InDisplayOrder).ToList();
    }

    public string Name => Verb + "-" + Noun;

    public string Verb { get; }

    public string Noun { get; }

    /// <summary>The parameters of each parameter set, in the order in which the engine shows them.</summary>
    public IReadOnlyList<IReadOnlyList<ParameterMetadata>> Sets { get; }

    /// <summary>Every parameter once.</summary>
    public IEnumerable<ParameterMetadata> Parameters => Sets.SelectMany(set => set).DistinctBy(parameter => parameter.Name);

    /// <summary>The cmdlets of an assembly, by name.</summary>
    public static IReadOnlyList<CmdletMetadata> ReadAll(string assembly) => (
        from type in Assembly.LoadFrom(Path.GetFullPath(assembly)).GetExportedTypes()
        from attribute in Of(type, nameof(CmdletAttribute))
        let cmdlet = new CmdletMetadata(type, attribute)
        orderby cmdlet.Name
        select cmdlet).ToList();

    /// <summary>Whether there is a parameter of that name, written with its dash.</summary>
    public bool Has(string parameter) => Parameters.Any(known => "-" + known.Name == parameter);

    // Positional ones by position, then mandatory ones, then the others.
    private List<ParameterMetadata> InDisplayOrder(string? set) => _parameters
        .Where(item => item.Set is null || item.Set == set)
        .Select(item => item.Parameter)
        .OrderBy(parameter => parameter.Position ?? int.MaxValue)
        .ThenBy(parameter => !parameter.Mandatory)
        .ToList();

    private static ParameterMetadata Read(PropertyInfo property, CustomAttributeData attribute)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        bool byValue = Named<bool>(attribute, nameof(ParameterAttribute.ValueFromPipeline));
        bool byName = Named<bool>(attribute, nameof(ParameterAttribute.ValueFromPipelineByPropertyName));
        IEnumerable<string> aliases =
            from alias in Of(property, nameof(AliasAttribute))
            from value in (IEnumerable<CustomAttributeTypedArgument>)alias.ConstructorArguments[0].Value!
            select (string)value.Value!;
        return new ParameterMetadata(
            property.Name,
            TypeName(type),
            type == typeof(SwitchParameter),
            type.IsArray,
            Named<bool>(attribute, nameof(ParameterAttribute.Mandatory)),
            attribute.NamedArguments.Any(argument => argument.MemberName == nameof(ParameterAttribute.Position))
                ? Named<int>(attribute, nameof(ParameterAttribute.Position))
                : null,
            (byValue, byName) switch
            {
                (true, true) => "True (ByValue, ByPropertyName)",
                (true, false) => "True (ByValue)",
                (false, true) => "True (ByPropertyName)",
                _ => "False",
            },
            Of(property, nameof(SupportsWildcardsAttribute)).Any(),
            string.Join(", ", aliases),
            type == typeof(SwitchParameter)
                ? bool.FalseString
                : Of(property, nameof(PSDefaultValueAttribute)).Select(DefaultValue).FirstOrDefault());
    }

    private static ParameterMetadata Switch(string name, string alias) =>
        new(name, nameof(SwitchParameter), IsSwitch: true, IsList: false, Mandatory: false, null, "False", Wildcards: false, alias, bool.FalseString);

    private static string? DefaultValue(CustomAttributeData attribute) =>
        Convert.ToString(Named<object>(attribute, nameof(PSDefaultValueAttribute.Value)), CultureInfo.InvariantCulture);

    private static string TypeName(Type type) => type.IsArray
        ? TypeName(type.GetElementType()!) + "[]"
        : ShortNames.GetValueOrDefault(type, type.Name);

    private static IEnumerable<CustomAttributeData> Of(MemberInfo member, string attribute) =>
        member.GetCustomAttributesData().Where(data => data.AttributeType.Name == attribute);

    private static T? Named<T>(CustomAttributeData attribute, string name) => attribute.NamedArguments
        .Where(argument => argument.MemberName == name)
        .Select(argument => (T?)argument.TypedValue.Value)
        .FirstOrDefault();
}
